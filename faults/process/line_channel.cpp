#include "faults/process/line_channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "loadgen/base/check.hpp"

namespace squall::faults {

LineChannel::LineChannel(int fd) : fd_(fd) {
  SQUALL_CHECK(fd >= 0);
  ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
}

LineChannel::~LineChannel() {
  ::close(fd_);
}

bool LineChannel::send(std::string_view line) {
  SQUALL_CHECK(line.find('\n') == std::string_view::npos);
  std::string bytes(line);
  bytes += '\n';
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> LineChannel::receive() {
  std::vector<std::string> lines;
  std::array<char, 16'384> buffer{};
  while (!closed_) {
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0 && errno == EAGAIN) {
      break;
    }
    if (n <= 0) {
      closed_ = true;
      break;
    }
    partial_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  std::size_t from = 0;
  for (std::size_t at = partial_.find('\n'); at != std::string::npos;
       at = partial_.find('\n', from)) {
    lines.push_back(partial_.substr(from, at - from));
    from = at + 1;
  }
  partial_.erase(0, from);
  return lines;
}

void LineChannel::wait(Duration timeout) const {
  pollfd poll_fd = {fd_, POLLIN, 0};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  ::poll(&poll_fd, 1, static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 60'000)));
}

}  // namespace squall::faults
