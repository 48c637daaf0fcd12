// squall's end of the guardian: starts it, commands it, hears from it.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "faults/process/guardian_protocol.hpp"
#include "faults/process/line_channel.hpp"

namespace squall::faults {

// Owns the guardian process. One thread at a time. Its destructor ends the guardian and with it
// everything that it started; it blocks until that is done, which takes up to about two seconds
// when a service does not heed SIGTERM.
class GuardianLink {
 public:
  // `program` is executed as "program __guardian FD". kUnavailable when it cannot be.
  [[nodiscard]] static Result<std::unique_ptr<GuardianLink>> start(const std::string& program);
  ~GuardianLink();
  GuardianLink(const GuardianLink&) = delete;
  GuardianLink& operator=(const GuardianLink&) = delete;

  // kUnavailable when the guardian is gone; otherwise the problems of encode().
  Result<void> send(const GuardianCommand& command);
  // What it has reported since the last call. Waits up to `timeout` when there is nothing yet.
  [[nodiscard]] std::vector<GuardianReport> receive(Duration timeout);
  // Waits until something can be received, at most that long. Beside any other call.
  void wait(Duration timeout) const { channel_.wait(timeout); }
  // The guardian has died, which it does not do unless it is told to (or killed).
  [[nodiscard]] bool is_gone() const { return channel_.is_closed(); }
  [[nodiscard]] pid_t pid() const { return pid_; }

  // Tells it to end everything and waits until it has; returns what it reported meanwhile.
  // Idempotent. A guardian that needs longer than `limit` is killed.
  std::vector<GuardianReport> end(Duration limit = std::chrono::seconds(20));

 private:
  GuardianLink(int control_fd, pid_t pid) : channel_(control_fd), pid_(pid) {}
  void wait_for_exit();

  LineChannel channel_;
  pid_t pid_;
  bool ended_ = false;
};

}  // namespace squall::faults
