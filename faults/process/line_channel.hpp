// Lines of text over a connected stream socket, as squall and its guardian talk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::faults {

// Owns the descriptor, which it makes close-on-exec. One thread at a time.
class LineChannel {
 public:
  explicit LineChannel(int fd);
  ~LineChannel();
  LineChannel(const LineChannel&) = delete;
  LineChannel& operator=(const LineChannel&) = delete;

  // Appends the newline. REQUIRES: no newline in `line`. False when the other end is gone.
  bool send(std::string_view line);
  // The complete lines that are there now, without waiting.
  [[nodiscard]] std::vector<std::string> receive();
  // Waits until something can be received, the other end is gone, or the time is over.
  void wait(Duration timeout) const;
  // The other end has gone and everything it sent has been received.
  [[nodiscard]] bool is_closed() const { return closed_; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
  bool closed_ = false;
  std::string partial_;  // a line whose newline has not come yet
};

}  // namespace squall::faults
