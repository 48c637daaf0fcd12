// split-truth: two services that keep the same facts disagree for good, after the link between them
// was cut and has healed. Each has an oracle of its own; they are compared when both have come to
// rest, or had the time that the plan gives them for it (settle_timeout).
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/effect_evidence.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::EffectVerdict;
using model::Finding;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "split-truth";
constexpr std::size_t kCasesShown = 5;

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.split-truth",
      .help = "",
      .keys = {least_key("100", "Operations whose effects both services should have.")}};
  return spec;
}

std::uint64_t operations_of(const RunRecord& record) {
  std::uint64_t all = 0;
  for (const model::EffectCounts& counts : record.effects.steps) {
    all += counts.operations;
  }
  return all;
}

bool all_are_known(const RunRecord& record, Finding& finding) {
  return std::all_of(record.effects.steps.begin(), record.effects.steps.end(),
                     [&](const model::EffectCounts& counts) {
                       return counts.operations == 0 || effects_are_known(record, counts, finding);
                     });
}

std::string names_of(const RunRecord& record) {
  std::string names;
  for (const model::OracleReport& oracle : record.effects.oracles) {
    names += (names.empty() ? "" : ", ") + printable(oracle.name);
  }
  return names;
}

void accuse(const RunRecord& record, Finding& finding) {
  const model::EffectReport& effects = record.effects;
  finding.verdict = Verdict::kFail;
  finding.summary = fmt::format("{} disagree about {} of {} operations", names_of(record),
                                effects.disagreement_count, operations_of(record));
  for (std::size_t i = 0; i < std::min(kCasesShown, effects.disagreements.size()); ++i) {
    finding.evidence.push_back(printable(effects.disagreements[i], 300));
  }
  finding.remedies = {
      "write what the other service has to be told into an outbox, in the transaction of the "
      "change, and tell it until it has taken it",
      "let the other service drop what it was told before, by an id",
      "compare both from time to time, and mend what differs"};
}

void judge(const RunRecord& record, const SettingsReader& settings, Finding& finding) {
  const auto& oracles = record.effects.oracles;
  const auto blind = std::find_if(oracles.begin(), oracles.end(),
                                  [](const auto& oracle) { return !oracle.problem.empty(); });
  const auto restless = std::find_if(oracles.begin(), oracles.end(),
                                     [](const auto& oracle) { return oracle.still_changing(); });
  if (oracles.size() < 2) {
    set_inconclusive(finding, "one oracle cannot disagree: each service needs its own");
  } else if (blind != oracles.end()) {
    set_invalid(finding, fmt::format("oracle {} could not answer", printable(blind->name)));
  } else if (record.effects.disagreement_count > 0) {
    accuse(record, finding);
  } else if (restless != oracles.end()) {
    set_invalid(finding,
                fmt::format("oracle {} was still changing after {}", printable(restless->name),
                            format_duration(restless->settle_time)));
  } else if (!all_are_known(record, finding)) {
    return;
  } else if (record.timeline.empty()) {
    set_inconclusive(finding,
                     "nothing came between the services: no fault on a [[proxy]] and no "
                     "action put them to the test");
  } else if (operations_of(record) < settings.count("least")) {
    set_inconclusive(finding, fmt::format("{} operations; it takes {}", operations_of(record),
                                          settings.text("least")));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary =
        fmt::format("{} agree about all {} operations", names_of(record), operations_of(record));
  }
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  if (!is_asked(record, kName) || !record.effects.counted) {
    return findings;
  }
  Finding finding = finding_of(kName, names_of(record));
  finding.about_effects = true;
  judge(record, SettingsReader(record, kName, settings_spec()), finding);
  add_oracle_problems(record, finding);
  findings.push_back(std::move(finding));
  return findings;
}

}  // namespace

void register_detector_split_truth(model::DetectorRegistry& registry);
void register_detector_split_truth(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "two services that keep the same facts disagree for good",
                .needs =
                    "a step with `effect`, an [[effects.oracle]] for each of the services, and "
                    "faults on the [[proxy]] between them that end before the measured phase "
                    "does",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
