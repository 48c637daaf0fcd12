// Durations and the two kinds of instant that squall knows.
//
// Monotonic instants pace and measure; wall instants only ever appear inside requests, file names
// and records. They are different types so that clock skew can reach the second kind and never the
// first.
#pragma once

#include <chrono>
#include <cstdint>

namespace squall {

// Nanoseconds; the only duration type in squall's interfaces.
using Duration = std::chrono::nanoseconds;

// Tag of the host's CLOCK_MONOTONIC.
struct MonotonicTimeline {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicTimeline>;
  static constexpr bool is_steady = true;
};

// Tag of the host's CLOCK_REALTIME; nanoseconds since the Unix epoch, UTC.
struct WallTimeline {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallTimeline>;
  static constexpr bool is_steady = false;
};

using TimePoint = MonotonicTimeline::time_point;
using WallTime = WallTimeline::time_point;

constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Rounds to the nearest nanosecond. REQUIRES: |seconds| below 292 years.
constexpr Duration from_seconds(double seconds) {
  return Duration(static_cast<std::int64_t>(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5)));
}

}  // namespace squall
