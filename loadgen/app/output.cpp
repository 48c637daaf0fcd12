#include "loadgen/app/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace squall::app {
namespace {

int first_error = 0;

}  // namespace

void put(std::string_view text) {
  while (!text.empty() && first_error == 0) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd poll_for{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&poll_for, 1, -1);
    } else if (errno != EINTR) {
      first_error = errno;
    }
  }
}

model::ExitCode settle_output(model::ExitCode code) {
  if (first_error == 0) {
    return code;
  }
  if (first_error != EPIPE) {
    fmt::print(stderr, "squall: cannot write to standard output: {}\n",
               std::generic_category().message(first_error));
  }
  return model::worse(code, model::ExitCode::kNotWritten);
}

}  // namespace squall::app
