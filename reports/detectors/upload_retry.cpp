// upload-retry: an upload that is sent again, since its answer did not come in time, makes a second
// object. Counts objects per upload where they are kept.
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/effect_steps.hpp"
#include "reports/detectors/common/repeated_effects.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;

constexpr std::string_view kName = "upload-retry";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.upload-retry",
      .help = "",
      .keys = {steps_key("on", "Effect steps that upload; all unless given."),
               least_key("20", "Repetitions on the wire.")}};
  return spec;
}

std::vector<Finding> detect(const RunRecord& record) {
  const model::SettingsReader settings(record, kName, settings_spec());
  const RepetitionWords words{
      .detector = kName,
      .repeater = Repeater::kClient,
      .least = settings.count("least"),
      .remedies = {"let the client name the upload before it begins, and keep one object for each "
                   "name: a unique constraint, claimed when the object is stored",
                   "take the bytes, answer 202, and work on them later: the answer comes at once, "
                   "and a status tells the rest",
                   "let an upload go on where it was cut instead of beginning again",
                   "tell the same upload by the digest of its bytes when nobody named it"}};
  std::vector<Finding> findings;
  for (const model::EffectCounts* counts : effect_steps(record, kName, settings.list("on"))) {
    findings.push_back(judge_repeated(record, *counts, words));
  }
  return findings;
}

}  // namespace

void register_detector_upload_retry(model::DetectorRegistry& registry);
void register_detector_upload_retry(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "an upload that is sent again makes a second object",
                .needs = "a step with `effect` that uploads, an [[effects.oracle]] that counts "
                         "objects, and cuts or copies with retries",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
