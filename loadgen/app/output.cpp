#include "loadgen/app/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace squall::app {
namespace {

int first_error = 0;

}  // namespace

int write_fully(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd poll_for{descriptor, POLLOUT, 0};
      ::poll(&poll_for, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

void put(std::string_view text) {
  if (first_error == 0) {
    first_error = write_fully(STDOUT_FILENO, text);
  }
}

void put_aside(std::string_view text) {
  (void)write_fully(STDERR_FILENO, text);
}

model::ExitCode settle_output(model::ExitCode code) {
  if (first_error == 0) {
    return code;
  }
  if (first_error != EPIPE) {
    say("squall: cannot write to standard output: {}\n",
        std::generic_category().message(first_error));
  }
  return model::worse(code, model::ExitCode::kNotWritten);
}

}  // namespace squall::app
