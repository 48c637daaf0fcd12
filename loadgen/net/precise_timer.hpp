// Wakes a loop at a nanosecond instant: a timerfd watched by a poll handle. uv_timer is whole
// milliseconds on a cached clock.
#pragma once

#include <functional>
#include <memory>

#include "loadgen/base/time.hpp"

namespace squall::net {

class Loop;

// Owns the descriptor and its handle; borrows the loop. Loop thread only. `on_wake` is called in a
// loop turn after the instant has come, once per arm(); it may arm again and may not destroy the
// timer.
class PreciseTimer {
 public:
  PreciseTimer(Loop& loop, std::function<void()> on_wake);
  ~PreciseTimer();
  PreciseTimer(const PreciseTimer&) = delete;
  PreciseTimer& operator=(const PreciseTimer&) = delete;

  // Replaces what was armed. An instant in the past wakes at the next turn. One system call; none
  // when `at` is armed already.
  void arm(TimePoint at);
  void disarm();

 private:
  class Impl;
  Impl* impl_;  // freed in its close callback
};

}  // namespace squall::net
