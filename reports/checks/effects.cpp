#include "reports/checks/effects.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/checks/evaluate.hpp"

namespace squall::reports {
namespace {

using expr::Condition;
using expr::Metric;
using model::CheckResult;
using model::EffectVerdict;
using model::RunRecord;
using model::Verdict;

struct EffectSum {
  std::uint64_t operations = 0;
  std::uint64_t value = 0;
};

EffectSum sum_of(const RunRecord& record, std::string_view step, EffectVerdict verdict) {
  EffectSum sum;
  for (const model::EffectCounts& counts : record.effects.steps) {
    if (model::selects_step(step, counts.step)) {
      sum.operations += counts.operations;
      sum.value += counts.verdicts[static_cast<std::size_t>(verdict)];
    }
  }
  return sum;
}

// Operations with that verdict; at least as many as a total alone proves, when the step has all of
// them.
std::uint64_t at_least(const RunRecord& record, std::string_view step, EffectVerdict verdict,
                       std::uint64_t proved) {
  const EffectSum sum = sum_of(record, step, verdict);
  const bool has_all = sum.operations == sum_of(record, {}, verdict).operations;
  return has_all ? std::max(sum.value, proved) : sum.value;
}

bool no_oracle_answered(const RunRecord& record) {
  const auto& oracles = record.effects.oracles;
  return std::all_of(oracles.begin(), oracles.end(),
                     [](const model::OracleReport& oracle) { return !oracle.problem.empty(); });
}

std::uint64_t unattributed(const RunRecord& record) {
  std::uint64_t most = 0;
  for (const model::OracleReport& oracle : record.effects.oracles) {
    most = std::max(most, oracle.unattributed);
  }
  return most;
}

std::uint64_t value_of(const Condition& condition, const RunRecord& record) {
  switch (condition.metric) {
    case Metric::kDuplicateEffects:
      return at_least(record, condition.step, EffectVerdict::kDuplicate,
                      record.effects.surely_duplicate);
    case Metric::kLostEffects:
      return at_least(record, condition.step, EffectVerdict::kLost, record.effects.surely_lost);
    case Metric::kPhantomEffects:
      return sum_of(record, condition.step, EffectVerdict::kPhantom).value;
    case Metric::kUnattributedEffects:
      return unattributed(record);
    case Metric::kUndecidedEffects:
      return undecided_effects(record, condition.step);
    case Metric::kPercentile:
    case Metric::kMean:
    case Metric::kMax:
    case Metric::kErrorRate:
    case Metric::kRate:
    case Metric::kOperations:
    case Metric::kAttemptErrorRate:
    case Metric::kAttempts:
    case Metric::kDropped:
    case Metric::kTimeToRecover:
      break;
  }
  return 0;
}

bool knows_only_a_total(const RunRecord& record) {
  return !record.effects.oracles.empty() && record.effects.oracles.front().total_only;
}

// Whether undecided keys cannot make the failed condition true: it fails at both ends of what the
// count can be.
bool fails_anyhow(const Condition& condition, std::uint64_t value, std::uint64_t undecided) {
  const bool ordered = condition.comparison != expr::Comparison::kEqual ||
                       static_cast<double>(value) > condition.bound ||
                       static_cast<double>(value + undecided) < condition.bound;
  return ordered && !condition.holds(static_cast<double>(value)) &&
         !condition.holds(static_cast<double>(value + undecided));
}

// Whether counts that still grow cannot make the failed condition true. Effects are not undone by
// waiting, so what was counted twice stays counted twice; an effect that is missing may yet come.
bool fails_however_it_grows(const Condition& condition, std::uint64_t value) {
  if (condition.metric == Metric::kLostEffects || condition.holds(static_cast<double>(value))) {
    return false;
  }
  switch (condition.comparison) {
    case expr::Comparison::kLess:
    case expr::Comparison::kLessOrEqual:
      return true;
    case expr::Comparison::kEqual:
      return static_cast<double>(value) > condition.bound;
    case expr::Comparison::kNotEqual:
    case expr::Comparison::kGreater:
    case expr::Comparison::kGreaterOrEqual:
      return false;
  }
  return false;
}

// The oracle whose counts the condition rests on and that never came to rest: the verdicts are the
// first one's, unattributed effects the largest of all.
const model::OracleReport* restless_oracle(const Condition& condition, const RunRecord& record) {
  const auto& oracles = record.effects.oracles;
  const auto end = condition.metric == Metric::kUnattributedEffects || oracles.empty()
                       ? oracles.end()
                       : oracles.begin() + 1;
  const auto found = std::find_if(oracles.begin(), end, [](const model::OracleReport& oracle) {
    return oracle.still_changing();
  });
  return found == end ? nullptr : &*found;
}

const model::Breach* voiding_breach(const RunRecord& record) {
  const auto found = std::find_if(record.breaches.begin(), record.breaches.end(),
                                  [](const model::Breach& breach) { return breach.voids_effects; });
  return found == record.breaches.end() ? nullptr : &*found;
}

}  // namespace

std::uint64_t undecided_effects(const RunRecord& record, std::string_view step) {
  const EffectSum sum = sum_of(record, step, EffectVerdict::kUndecided);
  // The verdicts know already what an oracle could not answer; this is for records that say
  // otherwise.
  const bool nobody_knows = sum.value == 0 && record.effects.counted && no_oracle_answered(record);
  return nobody_knows ? sum.operations : sum.value;
}

std::string oracle_problem(const RunRecord& record) {
  for (const model::OracleReport& oracle : record.effects.oracles) {
    if (!oracle.problem.empty()) {
      return fmt::format("{}: {}", printable(oracle.name), printable(oracle.problem, 600));
    }
  }
  return {};
}

std::string unrest_of(const model::OracleReport& oracle) {
  return fmt::format("counts were still changing: oracle {} gave no two equal readings in {}",
                     printable(oracle.name), format_duration(oracle.settle_time));
}

void judge_effects(const Condition& condition, const RunRecord& record, CheckResult& result) {
  if (!record.effects.counted) {
    result.verdict = Verdict::kInvalid;
    result.value_text = "n/a";
    result.note = "effects were not counted";
    return;
  }
  if (sum_of(record, condition.step, EffectVerdict::kOk).operations == 0) {
    result.verdict = Verdict::kInconclusive;
    result.value_text = "n/a";
    result.note = "no operation asked for an effect";
    return;
  }
  const std::uint64_t value = value_of(condition, record);
  const std::uint64_t undecided = undecided_effects(record, condition.step);
  // A count is known even when it is zero.
  result.samples =
      std::max<std::uint64_t>(sum_of(record, condition.step, EffectVerdict::kOk).operations, 1);
  result.value = static_cast<double>(value);
  result.value_text = format_value(condition.metric, result.value);
  result.verdict = condition.holds(result.value) ? Verdict::kPass : Verdict::kFail;
  if (undecided > 0 && condition.metric != Metric::kUndecidedEffects) {
    result.note = fmt::format("{} of {} operations are undecided", undecided, result.samples);
    std::string problem = oracle_problem(record);
    if (problem.empty() && knows_only_a_total(record)) {
      problem = fmt::format("oracle {} tells how many effects there were in all, not whose",
                            printable(record.effects.oracles.front().name));
    }
    result.note += problem.empty() ? "" : fmt::format(" ({})", problem);
    if (!fails_anyhow(condition, value, undecided)) {
      result.verdict = Verdict::kInvalid;
    }
    return;
  }
  const model::OracleReport* restless = restless_oracle(condition, record);
  if (restless != nullptr && condition.metric != Metric::kUndecidedEffects) {
    result.note = unrest_of(*restless);
    if (!fails_however_it_grows(condition, value)) {
      result.verdict = Verdict::kInvalid;
    }
    return;
  }
  const model::Breach* breach = voiding_breach(record);
  if (breach != nullptr && result.verdict == Verdict::kPass) {
    result.verdict = Verdict::kInvalid;
    result.note = printable(breach->reason, 500);
  }
}

}  // namespace squall::reports
