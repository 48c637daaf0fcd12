#include "reports/checks/recovery.hpp"

#include <limits>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/recovery.hpp"
#include "reports/checks/evaluate.hpp"

namespace squall::reports {
namespace {

using model::RecoveryState;
using model::Verdict;

void unknown(std::string note, model::CheckResult& result) {
  result.verdict = Verdict::kInconclusive;
  result.value_text = "n/a";
  result.note = std::move(note);
}

std::string no_baseline_text(const model::RunRecord& record, std::uint64_t seconds) {
  constexpr std::uint64_t kLeastSeconds = 2;
  const Duration fault_from = record.phase_bounds.fault_from;
  if (record.measured_duration < record.planned_duration &&
      record.measured_duration <= fault_from) {
    return fmt::format("the run ended after {}, before the first fault was due at {}",
                       format_duration(record.measured_duration), format_duration(fault_from));
  }
  if (seconds < kLeastSeconds) {
    return fmt::format("not enough baseline: {} whole seconds before the first fault; it takes two",
                       seconds);
  }
  return fmt::format(
      "not enough baseline: the {} whole seconds before the first fault need 20 "
      "operations together and some in each",
      seconds);
}

// Whether the end of the measured phase is not in the record: what comes after may be bad again.
bool is_cut_short(const model::RunRecord& record) {
  return !record.complete && record.measured_duration < record.planned_duration;
}

}  // namespace

void judge_recovery(const expr::Condition& condition, const model::RunRecord& record,
                    model::CheckResult& result) {
  const model::Recovery recovery = model::recovery_of(record, condition.step);
  switch (recovery.state) {
    case RecoveryState::kRecovered:
      result.value = static_cast<double>(recovery.time.count());
      result.value_text = format_value(condition.metric, result.value);
      break;
    case RecoveryState::kNever:
      result.value = std::numeric_limits<double>::max();
      result.value_text = "never";
      break;
    case RecoveryState::kNotEnoughBaseline:
      return unknown(no_baseline_text(record, recovery.baseline_seconds), result);
    case RecoveryState::kNotMeasured:
      return unknown("no whole second of the measured phase followed the last fault", result);
    case RecoveryState::kNoFault:
      return unknown("nothing went wrong on purpose, so there is nothing to recover from", result);
  }
  result.samples = recovery.recovery_seconds;
  result.verdict = condition.holds(result.value) ? Verdict::kPass : Verdict::kFail;
  result.note = recovery.held_up_by.empty()
                    ? "good from the first second after the fault on"
                    : fmt::format("last held up by {}: {}", recovery.held_up_by, recovery.detail);
  if (result.verdict == Verdict::kPass && is_cut_short(record)) {
    result.verdict = Verdict::kInconclusive;
    result.note +=
        "; squall was killed before the measured phase was over, so it may not have lasted";
  }
}

}  // namespace squall::reports
