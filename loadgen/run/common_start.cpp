#include "loadgen/run/common_start.hpp"

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/run/start_instant.hpp"

namespace squall::run {

TimePoint zero_of(const model::Load& load, TimePoint now, WallTime wall_now) {
  const Duration until_start = load.start_at ? *load.start_at - wall_now : kLeadTime;
  return now + until_start + load.warmup;
}

std::optional<Duration> time_to_start(const model::Load& load, TimePoint zero, TimePoint now) {
  const Duration left = zero - load.warmup - kLeadTime - now;
  return load.start_at && left > Duration::zero() ? std::optional(left) : std::nullopt;
}

std::optional<LateStart> late_start(const model::Load& load, TimePoint zero, TimePoint now) {
  const Duration late = now - (zero - load.warmup);
  if (!load.start_at || late <= Duration::zero()) {
    return std::nullopt;
  }
  return LateStart{.text = fmt::format("ready {} after the common start at {}: what was due before "
                                       "that is late, nothing was moved",
                                       format_duration(late), start_text(*load.start_at)),
                   .reaches_measured = late > load.warmup};
}

}  // namespace squall::run
