#include "loadgen/run/waiting.hpp"

#include <algorithm>
#include <thread>

#include "loadgen/base/clock.hpp"

namespace squall::run {

effects::Wait interruptible_wait(const StopSignal& stop) {
  return [&stop](Duration duration) {
    constexpr Duration kStep = std::chrono::milliseconds(20);
    const TimePoint end = monotonic_now() + duration;
    for (TimePoint now = monotonic_now(); now < end && !stop.raised(); now = monotonic_now()) {
      std::this_thread::sleep_for(std::min<Duration>(kStep, end - now));
    }
    return !stop.raised();
  };
}

effects::Wait plain_wait() {
  return [](Duration duration) {
    std::this_thread::sleep_for(duration);
    return true;
  };
}

}  // namespace squall::run
