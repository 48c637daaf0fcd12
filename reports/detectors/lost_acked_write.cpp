// lost-acked-write: what was acknowledged is gone after a crash or an outage. Counts what is
// readable after all has healed and come to rest; who got no answer has no claim.
#include <fmt/core.h>

#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/effect_steps.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/lost_effects.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;
using model::Verdict;

constexpr std::string_view kName = "lost-acked-write";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.lost-acked-write",
      .help = "",
      .keys = {steps_key("on", "Effect steps that write; all unless given."),
               least_key("300", "Acknowledged operations.")}};
  return spec;
}

std::vector<Finding> detect(const RunRecord& record) {
  const model::SettingsReader settings(record, kName, settings_spec());
  const LossWords words{
      .detector = kName,
      .least = settings.count("least"),
      .remedies = {
          "answer after the commit, not before it, and never from memory",
          "let the commit reach the disk (fsync), and as many replicas as must not lose it",
          "answer with an error when the commit failed, also when it only may have",
          "what must be written later goes into a log that is written first"}};
  std::vector<Finding> findings;
  for (const model::EffectCounts* counts : effect_steps(record, kName, settings.list("on"))) {
    Finding finding = judge_lost(record, *counts, words);
    if (finding.verdict == Verdict::kPass && record.timeline.empty()) {
      set_inconclusive(finding,
                       "nothing was taken from the target: no action and no fault on a "
                       "proxy put its writes to the test");
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

void register_detector_lost_acked_write(model::DetectorRegistry& registry);
void register_detector_lost_acked_write(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "what was acknowledged is gone after a crash or an outage",
                .needs = "a step with `effect`, an [[effects.oracle]] that reads what is kept, and "
                         "actions or faults on a [[proxy]] that take the target or its store away",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
