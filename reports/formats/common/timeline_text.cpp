#include "reports/formats/common/timeline_text.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::reports {
namespace {

constexpr std::size_t kProblemShown = 300;
// Earlier than this nobody would call it late.
constexpr Duration kOnTime = std::chrono::milliseconds(10);

}  // namespace

std::string time_on(const model::RecordedAction& action) {
  // `at` is when it had been done, which takes a restart its time.
  const Duration from = action.planned_at + action.late_at;
  const bool ended = action.undone || action.until > Duration::zero();
  if (action.started && !ended) {
    return fmt::format("{:+.1f}s on", to_seconds(from));
  }
  const Duration to = ended ? action.until : action.planned_until;
  return fmt::format("{:+.1f}s to {:+.1f}s", to_seconds(from), to_seconds(to));
}

std::string how_it_went(const model::RecordedAction& action) {
  if (!action.problem.empty()) {
    return printable(action.problem, kProblemShown);
  }
  if (!action.started) {
    return "never begun";
  }
  const Duration late = std::max(action.late_at, action.late_until);
  return late <= kOnTime ? "as planned" : format_duration(late) + " late";
}

}  // namespace squall::reports
