#include "reports/checks/recovery.hpp"

#include <limits>

#include <fmt/core.h>

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
      return unknown(
          fmt::format("not enough baseline: {} whole seconds before the first fault; it takes two, "
                      "with at least 20 operations and some in each",
                      recovery.baseline_seconds),
          result);
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
}

}  // namespace squall::reports
