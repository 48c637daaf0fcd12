// Tells waiting threads that the program is about to end.
#pragma once

#include <condition_variable>
#include <mutex>

#include "loadgen/base/time.hpp"

namespace squall::shop {

// Any thread.
class StopFlag {
 public:
  void request() {
    {
      const std::lock_guard lock(mutex_);
      requested_ = true;
    }
    changed_.notify_all();
  }

  [[nodiscard]] bool requested() const {
    const std::lock_guard lock(mutex_);
    return requested_;
  }

  // Lets the time pass; false when the program is to end before it is over.
  [[nodiscard]] bool let_pass(Duration duration) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, duration, [this] { return requested_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
};

}  // namespace squall::shop
