// double-charge: an operation that was asked for once has more than one effect.
//
// Judges each effect step by the oracle's counts. Failures tell how they came about: the faults
// that touched the operations, with how often such a fault led to a second effect. Silence is worth
// as much as was tried: without any repetition on the wire (copies, retries) it is inconclusive,
// else the evidence bounds the rate that may have been missed.
#include "loadgen/model/detector.hpp"
#include "reports/detectors/common/repeated_effects.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;

const RepetitionWords& words() {
  static const RepetitionWords all{
      .detector = "double-charge",
      .repeater = Repeater::kClient,
      .least = 1,
      .remedies = {
          "claim the key atomically before the work: a unique constraint and one insert",
          "store the answer with the key in the transaction of the work; replay it",
          "pass the same key on to the provider and other services: their retries repeat it",
          "let a repetition that finds the first one running wait, or answer 409",
          "keep keys at least as long as clients and queues may repeat a request"}};
  return all;
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  if (record.effects.counted) {
    for (const model::EffectCounts& counts : record.effects.steps) {
      findings.push_back(judge_repeated(record, counts, words()));
    }
  }
  return findings;
}

}  // namespace

void register_detector_double_charge(model::DetectorRegistry& registry);
void register_detector_double_charge(model::DetectorRegistry& registry) {
  registry.add({.name = "double-charge",
                .summary = "an operation that was asked for once has more than one effect",
                .needs = "a step with `effect` and an [[effects.oracle]]",
                .detect = detect,
                .needs_effects = true});
}

}  // namespace squall::reports
