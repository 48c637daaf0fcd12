#include "reports/detectors/common/lost_effects.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/stats/proportion.hpp"
#include "reports/detectors/common/effect_evidence.hpp"
#include "reports/detectors/common/judging.hpp"

namespace squall::reports {
namespace {

using model::EffectCounts;
using model::EffectVerdict;
using model::Finding;
using model::OperationOutcome;
using model::RunRecord;
using model::Verdict;

void accuse(const RunRecord& record, const EffectCounts& counts, const LossWords& words,
            Finding& finding) {
  const std::uint64_t lost = counted(counts, EffectVerdict::kLost);
  const std::uint64_t acked = counted(counts, OperationOutcome::kAcked);
  finding.verdict = Verdict::kFail;
  finding.summary = fmt::format("{} of {} acknowledged operations of {} are not there", lost, acked,
                                printable(counts.step));
  if (acked > 0) {
    finding.evidence.push_back("share of those acknowledged: " + rate_text(lost, acked));
  }
  for (std::string& line : origin_lines(record, counts, EffectVerdict::kLost)) {
    finding.evidence.push_back(std::move(line));
  }
  add_case_lines(record, counts, EffectVerdict::kLost, finding);
  finding.remedies = words.remedies;
}

}  // namespace

Finding judge_lost(const RunRecord& record, const EffectCounts& counts, const LossWords& words) {
  Finding finding = finding_of(words.detector, counts.step);
  finding.about_effects = true;
  const std::uint64_t acked = counted(counts, OperationOutcome::kAcked);
  const auto& oracles = record.effects.oracles;
  // A reading that still changes may yet show what it does not show now.
  const bool changing = !oracles.empty() && oracles.front().still_changing();
  if (counted(counts, EffectVerdict::kLost) > 0 && !changing) {
    accuse(record, counts, words, finding);
  } else if (!effects_are_known(record, counts, finding)) {
    add_oracle_problems(record, finding);
    return finding;
  } else if (acked < words.least || acked == 0) {
    set_inconclusive(finding, fmt::format("{} operations of {} were acknowledged; it takes {}",
                                          acked, printable(counts.step), words.least));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = fmt::format("all {} acknowledged operations of {} are there", acked,
                                  printable(counts.step));
    finding.evidence = {
        fmt::format("with 95% confidence fewer than {} of what is acknowledged in this way is lost",
                    percent(stats::proportion_interval(0, acked, 0.05).high))};
  }
  add_oracle_problems(record, finding);
  return finding;
}

}  // namespace squall::reports
