#include "reports/checks/by_second.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/checks/evaluate.hpp"

namespace squall::reports {
namespace {

using expr::Condition;
using expr::Metric;
using model::CheckResult;
using model::SecondSummary;
using model::Verdict;

constexpr double kMicrosecond = 1000;  // in ns, the unit of duration conditions

std::int64_t seconds_wanted(const Condition& condition) {
  if (!condition.sustained) {
    return 1;
  }
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(to_seconds(*condition.sustained))));
}

bool in_phase(const Condition& condition, std::int64_t second) {
  switch (condition.phase) {
    case expr::PhaseSelector::kMeasured:
      return second >= 0;
    case expr::PhaseSelector::kWarmup:
      return second < 0;
    case expr::PhaseSelector::kAll:
      return true;
  }
  return true;
}

std::optional<double> known(std::int64_t value, double unit) {
  if (value < 0) {
    return std::nullopt;
  }
  return static_cast<double>(value) * unit;
}

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) {
    return std::nullopt;
  }
  return static_cast<double>(part) / static_cast<double>(whole);
}

bool is(double percentile, double wanted) {
  return std::abs(percentile - wanted) < 1e-9;
}

std::optional<double> percentile_of(const Condition& condition, const SecondSummary& second) {
  if (condition.span == expr::SpanName::kResponse) {
    return is(condition.percentile, 50)    ? known(second.response_p50_us, kMicrosecond)
           : is(condition.percentile, 90)  ? known(second.response_p90_us, kMicrosecond)
           : is(condition.percentile, 99)  ? known(second.response_p99_us, kMicrosecond)
           : is(condition.percentile, 100) ? known(second.response_max_us, kMicrosecond)
                                           : std::nullopt;
  }
  if (condition.span == expr::SpanName::kLag) {
    return is(condition.percentile, 50)   ? known(second.lag_p50_ns, 1)
           : is(condition.percentile, 99) ? known(second.lag_p99_ns, 1)
                                          : std::nullopt;
  }
  return std::nullopt;
}

bool seconds_tell(const Condition& condition) {
  switch (condition.metric) {
    case Metric::kPercentile: {
      const double p = condition.percentile;
      return condition.span == expr::SpanName::kResponse
                 ? is(p, 50) || is(p, 90) || is(p, 99) || is(p, 100)
                 : condition.span == expr::SpanName::kLag && (is(p, 50) || is(p, 99));
    }
    case Metric::kMax:
      return condition.span == expr::SpanName::kResponse;
    case Metric::kErrorRate:
    case Metric::kRate:
    case Metric::kOperations:
    case Metric::kAttemptErrorRate:
    case Metric::kAttempts:
    case Metric::kDropped:
      return true;
    case Metric::kMean:
    case Metric::kDuplicateEffects:
    case Metric::kLostEffects:
    case Metric::kPhantomEffects:
    case Metric::kUnattributedEffects:
    case Metric::kUndecidedEffects:
      return false;
  }
  return false;
}

// The longest row of consecutive seconds in which a condition held.
struct Row {
  std::int64_t length = 0;
  std::int64_t from = 0;
  std::uint64_t seconds_with_values = 0;
  std::optional<double> last_value;
};

Row longest_row(const Condition& condition, const std::vector<SecondSummary>& seconds,
                std::optional<double> before) {
  Row longest;
  std::int64_t length = 0;
  std::optional<std::int64_t> previous;
  for (const SecondSummary& second : seconds) {
    if (!in_phase(condition, second.second) ||
        (before && static_cast<double>(second.second + 1) > *before)) {
      continue;
    }
    const std::optional<double> value = value_in_second(condition, second);
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

std::optional<double> value_in_second(const Condition& condition, const SecondSummary& second) {
  const model::Counters& counters = second.counters;
  switch (condition.metric) {
    case Metric::kPercentile:
      return percentile_of(condition, second);
    case Metric::kMax:
      return condition.span == expr::SpanName::kResponse
                 ? known(second.response_max_us, kMicrosecond)
                 : std::nullopt;
    case Metric::kErrorRate:
      return share(second.not_acked, second.acked + second.not_acked);
    case Metric::kRate:
    case Metric::kOperations:
      return static_cast<double>(counters.completed);
    case Metric::kAttemptErrorRate:
      return share(std::min(second.attempts_failed, counters.attempts), counters.attempts);
    case Metric::kAttempts:
      return static_cast<double>(counters.attempts);
    case Metric::kDropped:
      return static_cast<double>(counters.dropped);
    case Metric::kMean:
    case Metric::kDuplicateEffects:
    case Metric::kLostEffects:
    case Metric::kPhantomEffects:
    case Metric::kUnattributedEffects:
    case Metric::kUndecidedEffects:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> why_not_by_second(const Condition& condition,
                                             const std::vector<std::string>& steps) {
  if (expr::is_effect_metric(condition.metric)) {
    return "effects are counted at the end of a run, not by the second";
  }
  if (!seconds_tell(condition)) {
    return "by the second a run knows response p50, p90, p99 and max, lag p50 and p99, and counts";
  }
  if (condition.exposure != expr::ExposureSelector::kAny) {
    return "by the second a run does not keep clean and faulted operations apart";
  }
  const bool all_steps = std::all_of(steps.begin(), steps.end(), [&](const std::string& step) {
    return model::selects_step(condition.step, step);
  });
  if (!all_steps) {
    return fmt::format("by the second a run does not keep steps apart: leave out \"{}\"",
                       printable(condition.step));
  }
  return std::nullopt;
}

void judge_sustained(const Condition& condition, const model::RunRecord& record,
                     CheckResult& result) {
  std::vector<std::string> steps;
  for (const model::RecordedStep& step : record.steps) {
    steps.push_back(step.name);
  }
  result.value_text = "n/a";
  if (const auto why = why_not_by_second(condition, steps)) {
    result.verdict = Verdict::kInvalid;
    result.note = *why;
    return;
  }
  const Row row = longest_row(condition, record.seconds, std::nullopt);
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
  return longest_row(condition, record.seconds, from_second).length >= seconds_wanted(condition);
}

AbortWatch::AbortWatch(std::vector<Condition> conditions)
    : conditions_(std::move(conditions)), held_(conditions_.size()) {}

const Condition* AbortWatch::add(const SecondSummary& second) {
  if (last_second_ && second.second != *last_second_ + 1) {
    std::fill(held_.begin(), held_.end(), 0);
  }
  last_second_ = second.second;
  const Condition* fired = nullptr;
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    const Condition& condition = conditions_[i];
    const std::optional<double> value =
        in_phase(condition, second.second) ? value_in_second(condition, second) : std::nullopt;
    held_[i] = value && condition.holds(*value) ? held_[i] + 1 : 0;
    if (fired == nullptr && held_[i] >= seconds_wanted(condition)) {
      fired = &condition;
    }
  }
  return fired;
}

}  // namespace squall::reports
