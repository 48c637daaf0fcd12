#include "reports/live/writer.hpp"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace squall::reports {
namespace {

// Keeps the SIGPIPE of this thread's writes from being delivered. A signal that was pending before
// stays pending.
class PipeSignalBlock {
 public:
  PipeSignalBlock() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  PipeSignalBlock(const PipeSignalBlock&) = delete;
  PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;
  ~PipeSignalBlock() {
    if (!was_pending_) {
      const timespec at_once{};
      while (sigtimedwait(&pipe_, nullptr, &at_once) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

// A non-blocking descriptor that is full: waits a little for a reader that is only slow.
bool wait_until_writable(int fd) {
  constexpr int kPatienceMs = 200;
  pollfd poll_for{fd, POLLOUT, 0};
  return ::poll(&poll_for, 1, kPatienceMs) == 1 && (poll_for.revents & POLLOUT) != 0;
}

bool write_all(int fd, std::string_view text) {
  const PipeSignalBlock block;
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {
      if (!wait_until_writable(fd)) {
        return true;  // the rest of this text is lost, later ones may get through
      }
    } else if (written < 0 && errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

Writer descriptor_writer(int fd) {
  return [fd](std::string_view text) { return write_all(fd, text); };
}

bool would_block(int fd) {
  pollfd poll_for{fd, POLLOUT, 0};
  return ::poll(&poll_for, 1, 0) == 0;
}

}  // namespace squall::reports
