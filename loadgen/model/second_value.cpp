#include "loadgen/model/second_value.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/selection.hpp"

namespace squall::model {
namespace {

using expr::Condition;
using expr::Metric;

constexpr double kMicrosecond = 1000;  // in ns, the unit of duration conditions

std::optional<double> known(std::int64_t value, double unit) {
  if (value < 0) {
    return std::nullopt;
  }
  return static_cast<double>(value) * unit;
}

std::uint64_t less(std::uint64_t whole, std::uint64_t part) {
  return whole - std::min(whole, part);
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
    case Metric::kTimeToRecover:
    case Metric::kDuplicateEffects:
    case Metric::kLostEffects:
    case Metric::kPhantomEffects:
    case Metric::kUnattributedEffects:
    case Metric::kUndecidedEffects:
      return false;
  }
  return false;
}

}  // namespace

std::optional<double> value_in_second(const Condition& condition, const SecondSummary& second) {
  const Counters& counters = second.counters;
  const std::uint64_t never_started =
      second.classes[static_cast<std::size_t>(AttemptClass::kDropped)] +
      second.classes[static_cast<std::size_t>(AttemptClass::kNoData)];
  const std::uint64_t started = less(counters.attempts, never_started);
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
      return static_cast<double>(less(counters.completed, counters.dropped));
    case Metric::kAttemptErrorRate:
      return share(std::min(less(second.attempts_failed, never_started), started), started);
    case Metric::kAttempts:
      return static_cast<double>(started);
    case Metric::kDropped:
      return static_cast<double>(counters.dropped);
    case Metric::kMean:
    case Metric::kTimeToRecover:
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
  if (condition.metric == Metric::kTimeToRecover) {
    return "the time to recover is known when a run has ended";
  }
  if (!seconds_tell(condition)) {
    return "by the second a run knows response p50, p90, p99 and max, lag p50 and p99, and counts";
  }
  if (condition.exposure != expr::ExposureSelector::kAny) {
    return "by the second a run does not keep clean and faulted operations apart";
  }
  const bool all_steps = std::all_of(steps.begin(), steps.end(), [&](const std::string& step) {
    return selects_step(condition.step, step);
  });
  if (!all_steps) {
    return fmt::format("by the second a run does not keep steps apart: leave out \"{}\"",
                       printable(condition.step));
  }
  return std::nullopt;
}

}  // namespace squall::model
