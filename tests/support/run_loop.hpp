// Runs a loop until something has happened, with a deadline instead of a hang.
#pragma once

#include <functional>

#include "loadgen/base/clock.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/precise_timer.hpp"

namespace squall::test {

// Runs turns of `loop` until `done` holds; looks again after each event and every few milliseconds,
// because what it waits for may happen on another thread. False when it does not hold within the
// limit.
inline bool run_until(net::Loop& loop, const std::function<bool()>& done,
                      Duration limit = std::chrono::seconds(10)) {
  constexpr Duration kLookAgain = std::chrono::milliseconds(2);
  const TimePoint deadline = monotonic_now() + limit;
  net::PreciseTimer tick(loop, [] {});
  while (!done()) {
    if (monotonic_now() > deadline) {
      return false;
    }
    tick.arm(monotonic_now() + kLookAgain);
    loop.wait();
  }
  return true;
}

}  // namespace squall::test
