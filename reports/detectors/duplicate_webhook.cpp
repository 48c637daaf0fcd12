// duplicate-webhook: an event that its provider delivers again, at the same instant or in another
// order is worked off twice. Counts what the receiver does, per event.
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/effect_steps.hpp"
#include "reports/detectors/common/repeated_effects.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;

constexpr std::string_view kName = "duplicate-webhook";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.duplicate-webhook",
      .help = "",
      .keys = {steps_key("on", "Effect steps that deliver events; all unless given."),
               least_key("50", "Repetitions on the wire.")}};
  return spec;
}

std::vector<Finding> detect(const RunRecord& record) {
  const model::SettingsReader settings(record, kName, settings_spec());
  const RepetitionWords words{
      .detector = kName,
      .repeater = Repeater::kClient,
      .least = settings.count("least"),
      .remedies = {"insert the event's id into a table with a unique constraint, in the "
                   "transaction of what the event does",
                   "acknowledge after that transaction's commit, not before",
                   "let what an event may do depend on what is known already, not on the order of "
                   "arrival",
                   "keep the ids at least as long as the provider may repeat an event: days"}};
  std::vector<Finding> findings;
  for (const model::EffectCounts* counts : effect_steps(record, kName, settings.list("on"))) {
    findings.push_back(judge_repeated(record, *counts, words));
  }
  return findings;
}

}  // namespace

void register_detector_duplicate_webhook(model::DetectorRegistry& registry);
void register_detector_duplicate_webhook(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "an event that is delivered again is worked off twice",
                .needs = "a step with `effect` that delivers events, an [[effects.oracle]] that "
                         "counts what they do, and copies or cuts with retries",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
