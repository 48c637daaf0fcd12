// When a load begins: as soon as all is ready, or at the instant that all shards were given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::run {

// Between starting the threads and the first possible arrival: thread start, first page faults.
inline constexpr Duration kLeadTime = std::chrono::milliseconds(50);

// t = 0 on the monotonic clock, by what both clocks say now. With Load::start_at it may have
// passed: intended starts are never moved, so what was due by then is late.
[[nodiscard]] TimePoint zero_of(const model::Load& load, TimePoint now, WallTime wall_now);

// How long is left until the threads must be started; nothing when that is now, or was earlier.
[[nodiscard]] std::optional<Duration> time_to_start(const model::Load& load, TimePoint zero,
                                                    TimePoint now);

// The kind of the event that tells of a late start.
inline constexpr std::string_view kLateEvent = "late";

// What becomes of a load that was not ready when its first arrival was due.
struct LateStart {
  std::string text;
  // Not even the warm-up was long enough to make up for it: what was measured is not the plan's
  // load.
  bool reaches_measured = false;
};
[[nodiscard]] std::optional<LateStart> late_start(const model::Load& load, TimePoint zero,
                                                  TimePoint now);

}  // namespace squall::run
