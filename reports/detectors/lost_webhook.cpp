// lost-webhook: what the target owed to a receiver never arrived, since the receiver failed for a
// while. Counts deliveries where they arrive, per operation that was acknowledged.
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/effect_steps.hpp"
#include "reports/detectors/common/lost_effects.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;

constexpr std::string_view kName = "lost-webhook";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.lost-webhook",
      .help = "",
      .keys = {steps_key("on", "Effect steps that owe a webhook; all unless given."),
               least_key("50", "Acknowledged operations.")}};
  return spec;
}

std::vector<Finding> detect(const RunRecord& record) {
  const model::SettingsReader settings(record, kName, settings_spec());
  const LossWords words{
      .detector = kName,
      .least = settings.count("least"),
      .remedies = {"write the event into an outbox in the transaction of what it tells of, and "
                   "deliver it from there until it is acknowledged",
                   "repeat after growing waits for hours or days, not a few times",
                   "count whatever is no 2xx, and no answer in time, as not delivered",
                   "keep what was given up where it can be seen and sent again"}};
  std::vector<Finding> findings;
  for (const model::EffectCounts* counts : effect_steps(record, kName, settings.list("on"))) {
    findings.push_back(judge_lost(record, *counts, words));
  }
  return findings;
}

}  // namespace

void register_detector_lost_webhook(model::DetectorRegistry& registry);
void register_detector_lost_webhook(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "webhooks that were owed vanish when their receiver fails",
                .needs = "a step with `effect` that owes a webhook, and an [[effects.oracle]] that "
                         "receives it and fails for a while, such as a sink",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
