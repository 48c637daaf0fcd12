// Whether a run measured a target that was not warm yet. Flagged, never discarded.
#pragma once

#include <cstdint>
#include <optional>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

struct WarmingUp {
  std::int64_t until = 0;      // the last second that was slower for being cold, after t = 0
  std::int64_t first_us = 0;   // p50 of the first second
  std::int64_t steady_us = 0;  // median p50 of the second half
};

// Looks at the p50 of each second from t = 0 to the first fault window or action, or to the end. A
// run warmed up when it begins with two seconds or more that lie above the median of the second
// half by more than a tenth and three times the seconds' scatter, and the seconds from there to
// where it is steady fall (Mann and Kendall, 5%). Nothing with fewer than twelve such seconds.
[[nodiscard]] std::optional<WarmingUp> warming_up(const model::RunRecord& record);

}  // namespace squall::reports
