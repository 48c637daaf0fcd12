#include "reports/checks/evaluate.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/checks/by_second.hpp"
#include "reports/checks/effects.hpp"
#include "reports/checks/percentile.hpp"
#include "reports/checks/recovery.hpp"

namespace squall::reports {
namespace {

using expr::Condition;
using expr::Metric;
using model::CheckResult;
using model::RunRecord;
using model::Verdict;

constexpr double kMicrosecond = 1000;  // in ns, the unit of duration conditions

model::CellFilter filter_of(const Condition& condition) {
  model::CellFilter filter;
  filter.step = condition.step;
  switch (condition.exposure) {
    case expr::ExposureSelector::kAny:
      break;
    case expr::ExposureSelector::kClean:
      filter.exposure = model::Exposure::kClean;
      break;
    case expr::ExposureSelector::kFaulted:
      filter.exposure = model::Exposure::kFaulted;
      break;
  }
  switch (condition.phase) {
    case expr::PhaseSelector::kMeasured:
      filter.phase = model::Phase::kMeasured;
      break;
    case expr::PhaseSelector::kWarmup:
      filter.phase = model::Phase::kWarmup;
      break;
    case expr::PhaseSelector::kAll:
      filter.phase.reset();
      break;
    case expr::PhaseSelector::kBaseline:
      filter.phase = model::Phase::kBaseline;
      break;
    case expr::PhaseSelector::kFault:
      filter.phase = model::Phase::kFault;
      break;
    case expr::PhaseSelector::kRecovery:
      filter.phase = model::Phase::kRecovery;
      break;
  }
  return filter;
}

double phase_seconds(const Condition& condition, const RunRecord& record) {
  const auto length = [&](model::Phase phase) {
    return to_seconds(record.phase_bounds.length_of(phase, record.measured_duration));
  };
  switch (condition.phase) {
    case expr::PhaseSelector::kMeasured:
      return to_seconds(record.measured_duration);
    case expr::PhaseSelector::kWarmup:
      return to_seconds(record.warmup);
    case expr::PhaseSelector::kAll:
      return to_seconds(record.warmup + record.measured_duration);
    case expr::PhaseSelector::kBaseline:
      return length(model::Phase::kBaseline);
    case expr::PhaseSelector::kFault:
      return length(model::Phase::kFault);
    case expr::PhaseSelector::kRecovery:
      return length(model::Phase::kRecovery);
  }
  return 0;
}

void settle(const Condition& condition, double value, std::uint64_t samples, CheckResult& result) {
  result.value = value;
  result.samples = samples;
  result.value_text = format_value(condition.metric, value);
  result.verdict = condition.holds(value) ? Verdict::kPass : Verdict::kFail;
}

void without_samples(std::string_view of_what, CheckResult& result) {
  result.verdict = Verdict::kInconclusive;
  result.value_text = "n/a";
  result.note = fmt::format("there were no {}", of_what);
}

void judge_distribution(const Condition& condition, const RunRecord& record, CheckResult& result) {
  const model::CellFilter filter = filter_of(condition);
  switch (condition.span) {
    case expr::SpanName::kResponse:
      return judge_values(condition, model::response_of_operations(record, filter), kMicrosecond,
                          result);
    case expr::SpanName::kLag:
      return judge_values(
          condition, model::span_of_attempts(record, filter, model::AttemptSpan::kLag), 1, result);
    case expr::SpanName::kQueue:
      return judge_values(condition,
                          model::span_of_attempts(record, filter, model::AttemptSpan::kQueue),
                          kMicrosecond, result);
    case expr::SpanName::kService:
      return judge_values(condition,
                          model::span_of_attempts(record, filter, model::AttemptSpan::kService),
                          kMicrosecond, result);
  }
}

void judge_error_rate(const Condition& condition, const RunRecord& record, CheckResult& result) {
  const model::OperationCounts counts = model::count_operations(record, filter_of(condition));
  const std::uint64_t all = counts.total();
  if (all == 0) {
    return without_samples("operations", result);
  }
  const std::uint64_t errors =
      all - counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
  settle(condition, static_cast<double>(errors) / static_cast<double>(all), all, result);
  result.note = fmt::format("{} of {} operations", errors, all);
  if (counts.dropped > 0) {
    result.note += fmt::format(", {} of them arrivals that were never started", counts.dropped);
  }
}

void judge_rate(const Condition& condition, const RunRecord& record, CheckResult& result) {
  const double seconds = phase_seconds(condition, record);
  if (seconds <= 0) {
    return without_samples("seconds in that phase", result);
  }
  const model::OperationCounts counts = model::count_operations(record, filter_of(condition));
  const std::uint64_t done = counts.total() - std::min(counts.dropped, counts.total());
  settle(condition, static_cast<double>(done) / seconds, std::max<std::uint64_t>(done, 1), result);
}

void judge_attempts(const Condition& condition, const RunRecord& record, CheckResult& result) {
  const auto counts = model::count_attempts(record, filter_of(condition));
  std::uint64_t started = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    started += model::never_started(static_cast<model::AttemptClass>(i)) ? 0 : counts[i];
  }
  if (condition.metric == Metric::kAttempts) {
    return settle(condition, static_cast<double>(started), std::max<std::uint64_t>(started, 1),
                  result);
  }
  if (started == 0) {
    return without_samples("attempts", result);
  }
  const std::uint64_t errors =
      started - counts[static_cast<std::size_t>(model::AttemptClass::kSuccess)];
  settle(condition, static_cast<double>(errors) / static_cast<double>(started), started, result);
  result.note = fmt::format("{} of {} attempts", errors, started);
}

void judge_count(const Condition& condition, const RunRecord& record, CheckResult& result) {
  const model::OperationCounts counts = model::count_operations(record, filter_of(condition));
  const std::uint64_t done = counts.total() - std::min(counts.dropped, counts.total());
  const std::uint64_t value = condition.metric == Metric::kDropped ? counts.dropped : done;
  // A count is known even when it is zero.
  settle(condition, static_cast<double>(value), std::max<std::uint64_t>(counts.total(), 1), result);
}

void judge_total(const Condition& condition, const RunRecord& record, CheckResult& result) {
  switch (condition.metric) {
    case Metric::kPercentile:
    case Metric::kMean:
    case Metric::kMax:
      return judge_distribution(condition, record, result);
    case Metric::kErrorRate:
      return judge_error_rate(condition, record, result);
    case Metric::kRate:
      return judge_rate(condition, record, result);
    case Metric::kOperations:
    case Metric::kDropped:
      return judge_count(condition, record, result);
    case Metric::kTimeToRecover:
      return judge_recovery(condition, record, result);
    case Metric::kAttemptErrorRate:
    case Metric::kAttempts:
      return judge_attempts(condition, record, result);
    case Metric::kDuplicateEffects:
    case Metric::kLostEffects:
    case Metric::kPhantomEffects:
    case Metric::kUnattributedEffects:
    case Metric::kUndecidedEffects:
      return judge_effects(condition, record, result);
  }
}

// Whether the condition is about attempts and copies rather than operations.
bool counts_attempts(const Condition& condition) {
  switch (condition.metric) {
    case Metric::kPercentile:
    case Metric::kMean:
    case Metric::kMax:
      return condition.span != expr::SpanName::kResponse;
    case Metric::kAttemptErrorRate:
    case Metric::kAttempts:
      return true;
    case Metric::kErrorRate:
    case Metric::kRate:
    case Metric::kOperations:
    case Metric::kDropped:
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

// Whether cells that the condition rests on were merged beyond the cap. What operations were
// dropped stands among the attempts.
bool overflowed(const Condition& condition, const RunRecord& record) {
  const bool of_attempts = counts_attempts(condition);
  const bool attempts =
      std::any_of(record.attempts.begin(), record.attempts.end(), [&](const auto& cell) {
        return cell.first.step == model::kOverflowStep &&
               (of_attempts || model::never_started(cell.first.how));
      });
  const bool operations =
      std::any_of(record.operations.begin(), record.operations.end(),
                  [](const auto& cell) { return cell.first.step == model::kOverflowStep; });
  return attempts || (!of_attempts && operations);
}

// Samples beyond the cap of cells may be of any step: a pass cannot rest on what is left.
void mind_overflow(const Condition& condition, const RunRecord& record, CheckResult& result) {
  if (!condition.step.empty() && result.verdict == Verdict::kPass &&
      overflowed(condition, record)) {
    result.verdict = Verdict::kInconclusive;
    result.note =
        "the run had more kinds of samples than squall keeps apart; some of this step's are "
        "counted under the overflow label";
  }
}

// When the condition's phase is over, in seconds after t = 0.
double phase_end(const Condition& condition, const RunRecord& record) {
  switch (condition.phase) {
    case expr::PhaseSelector::kWarmup:
      return 0;
    case expr::PhaseSelector::kBaseline:
      return to_seconds(record.phase_bounds.fault_from);
    case expr::PhaseSelector::kFault:
      return to_seconds(record.phase_bounds.fault_to);
    case expr::PhaseSelector::kMeasured:
    case expr::PhaseSelector::kAll:
    case expr::PhaseSelector::kRecovery:
      return std::numeric_limits<double>::infinity();
  }
  return std::numeric_limits<double>::infinity();
}

const model::Breach* first_breach(const Condition& condition, const RunRecord& record) {
  const model::Breach* first = nullptr;
  for (const model::Breach& breach : record.breaches) {
    const bool before_phase_ends = breach.from_second < phase_end(condition, record);
    if (!breach.voids_effects && before_phase_ends &&
        (first == nullptr || breach.from_second < first->from_second)) {
      first = &breach;
    }
  }
  return first;
}

void void_measurement(const Condition& condition, const RunRecord& record, CheckResult& result) {
  const model::Breach* breach = first_breach(condition, record);
  if (breach == nullptr) {
    return;
  }
  if (condition.sustained && holds_before(condition, record, breach->from_second)) {
    result.note +=
        fmt::format(" before {:.0f}s, when the measurement became invalid", breach->from_second);
    return;
  }
  result.verdict = Verdict::kInvalid;
  result.note = fmt::format("the measurement is invalid from {:.0f}s on: {}", breach->from_second,
                            breach->reason);
}

}  // namespace

std::string format_value(Metric metric, double value) {
  switch (expr::unit_of(metric)) {
    case expr::MetricUnit::kDuration:
      return format_duration(Duration(static_cast<std::int64_t>(value)));
    case expr::MetricUnit::kShare:
      return format_share(Share{value});
    case expr::MetricUnit::kRate:
      return format_rate(Rate{value});
    case expr::MetricUnit::kCount:
      return fmt::format("{:.0f}", value);
  }
  return {};
}

CheckResult evaluate(const Condition& condition, const RunRecord& record) {
  CheckResult result;
  result.source = condition.source;
  result.bound = condition.bound;
  result.about_effects = expr::is_effect_metric(condition.metric);
  const bool known = condition.step.empty() ||
                     std::any_of(record.steps.begin(), record.steps.end(), [&](const auto& step) {
                       return model::selects_step(condition.step, step.name);
                     });
  if (!known) {
    without_samples(fmt::format("steps called \"{}\"", printable(condition.step)), result);
    return result;
  }
  if (condition.sustained) {
    judge_sustained(condition, record, result);
  } else {
    judge_total(condition, record, result);
  }
  if (!result.about_effects) {
    mind_overflow(condition, record, result);
    void_measurement(condition, record, result);
  }
  return result;
}

}  // namespace squall::reports
