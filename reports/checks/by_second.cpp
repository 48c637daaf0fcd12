#include "reports/checks/by_second.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "loadgen/model/second_value.hpp"
#include "reports/checks/evaluate.hpp"

namespace squall::reports {
namespace {

using expr::Condition;
using model::CheckResult;
using model::SecondSummary;
using model::Verdict;

std::int64_t seconds_wanted(const Condition& condition) {
  if (!condition.sustained) {
    return 1;
  }
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(to_seconds(*condition.sustained))));
}

// Seconds of the drain belong to no phase: what ends in them is the rest of what came before. Nor
// do those in which a phase gives way to the next.
bool in_phase(const Condition& condition, std::int64_t second, const model::PhaseBounds& bounds,
              Duration measured) {
  const Duration from = std::chrono::seconds(second);
  const Duration to = std::chrono::seconds(second + 1);
  if (from >= measured) {
    return false;
  }
  switch (condition.phase) {
    case expr::PhaseSelector::kMeasured:
      return second >= 0;
    case expr::PhaseSelector::kWarmup:
      return second < 0;
    case expr::PhaseSelector::kAll:
      return true;
    case expr::PhaseSelector::kBaseline:
      return bounds.split && second >= 0 && to <= bounds.fault_from;
    case expr::PhaseSelector::kFault:
      return bounds.split && from >= bounds.fault_from && to <= bounds.fault_to;
    case expr::PhaseSelector::kRecovery:
      return bounds.split && from >= bounds.fault_to;
  }
  return true;
}

// The longest row of consecutive seconds in which a condition held.
struct Row {
  std::int64_t length = 0;
  std::int64_t from = 0;
  std::uint64_t seconds_with_values = 0;
  std::optional<double> last_value;
};

Row longest_row(const Condition& condition, const model::RunRecord& record,
                std::optional<double> before) {
  Row longest;
  std::int64_t length = 0;
  std::optional<std::int64_t> previous;
  for (const SecondSummary& second : record.seconds) {
    if (!in_phase(condition, second.second, record.phase_bounds, record.measured_duration) ||
        (before && static_cast<double>(second.second + 1) > *before)) {
      continue;
    }
    const std::optional<double> value = model::value_in_second(condition, second);
    longest.seconds_with_values += value ? 1U : 0U;
    const bool adjacent = !previous || second.second == *previous + 1;
    length = value && condition.holds(*value) ? (adjacent ? length : 0) + 1 : 0;
    if (length > longest.length) {
      longest.length = length;
      longest.from = second.second - length + 1;
    }
    longest.last_value = value ? value : longest.last_value;
    previous = second.second;
  }
  return longest;
}

}  // namespace

void judge_sustained(const Condition& condition, const model::RunRecord& record,
                     CheckResult& result) {
  std::vector<std::string> steps;
  for (const model::RecordedStep& step : record.steps) {
    steps.push_back(step.name);
  }
  result.value_text = "n/a";
  if (const auto why = model::why_not_by_second(condition, steps)) {
    result.verdict = Verdict::kInvalid;
    result.note = *why;
    return;
  }
  const Row row = longest_row(condition, record, std::nullopt);
  result.samples = row.seconds_with_values;
  if (!row.last_value) {
    result.verdict = Verdict::kInconclusive;
    result.note = "no second had samples";
    return;
  }
  const std::int64_t wanted = seconds_wanted(condition);
  result.value = *row.last_value;
  result.value_text = fmt::format("{}s in a row", row.length);
  result.verdict = row.length >= wanted ? Verdict::kPass : Verdict::kFail;
  result.note = row.length == 0 ? "held in no second"
                                : fmt::format("held for {}s from {}s on", row.length, row.from);
}

bool holds_before(const Condition& condition, const model::RunRecord& record, double from_second) {
  return longest_row(condition, record, from_second).length >= seconds_wanted(condition);
}

AbortWatch::AbortWatch(std::vector<Condition> conditions, Duration duration,
                       const model::PhaseBounds& bounds)
    : conditions_(std::move(conditions)),
      duration_(duration),
      bounds_(bounds),
      held_(conditions_.size()) {}

const Condition* AbortWatch::add(const SecondSummary& second) {
  if (last_second_ && second.second != *last_second_ + 1) {
    std::fill(held_.begin(), held_.end(), 0);
  }
  last_second_ = second.second;
  const Condition* fired = nullptr;
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    const Condition& condition = conditions_[i];
    const std::optional<double> value = in_phase(condition, second.second, bounds_, duration_)
                                            ? model::value_in_second(condition, second)
                                            : std::nullopt;
    held_[i] = value && condition.holds(*value) ? held_[i] + 1 : 0;
    if (fired == nullptr && held_[i] >= seconds_wanted(condition)) {
      fired = &condition;
    }
  }
  return fired;
}

}  // namespace squall::reports
