#include "reports/detectors/common/repeated_effects.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/selection.hpp"
#include "loadgen/stats/proportion.hpp"
#include "reports/detectors/common/effect_evidence.hpp"
#include "reports/detectors/common/judging.hpp"

namespace squall::reports {
namespace {

using model::EffectCounts;
using model::EffectVerdict;
using model::Finding;
using model::RunRecord;
using model::Verdict;

// Requests of the step on the wire beyond the first of each operation.
std::uint64_t repeats_of(const RunRecord& record, const std::string& step) {
  const model::CellFilter filter{.step = step, .exposure = {}, .phase = {}};
  const model::OperationCounts operations = model::count_operations(record, filter);
  std::uint64_t attempts = 0;
  for (const std::uint64_t count : model::count_attempts(record, filter)) {
    attempts += count;
  }
  const std::uint64_t all = operations.total();
  return attempts > all ? attempts - all : 0;  // a dropped arrival is one of each
}

void accuse(const RunRecord& record, const EffectCounts& counts, const RepetitionWords& words,
            Finding& finding) {
  const std::uint64_t duplicates = counted(counts, EffectVerdict::kDuplicate);
  finding.verdict = Verdict::kFail;
  finding.summary = fmt::format("{} of {} operations of {} were done more than once", duplicates,
                                counts.operations, printable(counts.step));
  finding.evidence.push_back(
      fmt::format("share of all operations: {}", rate_text(duplicates, counts.operations)));
  for (std::string& line : origin_lines(record, counts, EffectVerdict::kDuplicate)) {
    finding.evidence.push_back(std::move(line));
  }
  add_case_lines(record, counts, EffectVerdict::kDuplicate, finding);
  finding.remedies = words.remedies;
}

void lack_trials(const EffectCounts& counts, const RepetitionWords& words, std::uint64_t trials,
                 Finding& finding) {
  const std::string step = printable(counts.step);
  if (words.repeater == Repeater::kTarget) {
    set_inconclusive(finding, fmt::format("{} operations of {} were sent; it takes {}", trials,
                                          step, words.least));
    return;
  }
  set_inconclusive(
      finding,
      trials == 0
          ? fmt::format("no operation of {} was repeated, so nothing could be done twice by a "
                        "repetition",
                        step)
          : fmt::format("operations of {} were repeated {} times; it takes {}", step, trials,
                        words.least));
  finding.evidence = {"a duplicate fault, or a drop fault with retries, puts the step to the test"};
}

void acquit(const EffectCounts& counts, const RepetitionWords& words, std::uint64_t trials,
            Finding& finding) {
  finding.verdict = Verdict::kPass;
  finding.summary = fmt::format("none of {} operations of {} was done more than once",
                                counts.operations, printable(counts.step));
  const std::string missed = percent(stats::proportion_interval(0, trials, 0.05).high);
  finding.evidence = {
      words.repeater == Repeater::kTarget
          ? fmt::format("with 95% confidence fewer than {} of such operations have a second effect",
                        missed)
          : fmt::format("{} repetitions on the wire; with 95% confidence fewer than {} of such "
                        "repetitions have a second effect",
                        trials, missed)};
}

}  // namespace

Finding judge_repeated(const RunRecord& record, const EffectCounts& counts,
                       const RepetitionWords& words) {
  Finding finding = finding_of(words.detector, counts.step);
  finding.about_effects = true;
  if (counted(counts, EffectVerdict::kDuplicate) > 0) {
    accuse(record, counts, words, finding);
  } else if (effects_are_known(record, counts, finding)) {
    const std::uint64_t trials =
        words.repeater == Repeater::kTarget ? counts.operations : repeats_of(record, counts.step);
    if (trials < words.least || trials == 0) {
      lack_trials(counts, words, trials, finding);
    } else {
      acquit(counts, words, trials, finding);
    }
  }
  add_oracle_problems(record, finding);
  return finding;
}

}  // namespace squall::reports
