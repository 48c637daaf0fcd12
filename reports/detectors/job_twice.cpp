// job-twice: what a scheduler was to do once is done by several of its replicas. Counts what was
// done where it arrives; nobody on squall's side repeats anything.
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/effect_steps.hpp"
#include "reports/detectors/common/repeated_effects.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;

constexpr std::string_view kName = "job-twice";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.job-twice",
      .help = "",
      .keys = {steps_key("on", "Effect steps that leave work to the scheduler; all unless given."),
               least_key("50", "Operations that were left to it.")}};
  return spec;
}

std::vector<Finding> detect(const RunRecord& record) {
  const model::SettingsReader settings(record, kName, settings_spec());
  const RepetitionWords words{
      .detector = kName,
      .repeater = Repeater::kTarget,
      .least = settings.count("least"),
      .remedies = {"let only the holder of a lease in the database run jobs; the others wait for "
                   "its end",
                   "or let each job be claimed by one statement that only one replica can win",
                   "give what a job does to others an id of its own, by which they drop a second "
                   "one",
                   "fence a holder that was away: a token that rises with the lease"}};
  std::vector<Finding> findings;
  for (const model::EffectCounts* counts : effect_steps(record, kName, settings.list("on"))) {
    findings.push_back(judge_repeated(record, *counts, words));
  }
  return findings;
}

}  // namespace

void register_detector_job_twice(model::DetectorRegistry& registry);
void register_detector_job_twice(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "a scheduled job runs on each replica instead of once",
                .needs = "a step with `effect` whose work a scheduler with replicas does, and an "
                         "[[effects.oracle]] that counts it, such as a sink",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
