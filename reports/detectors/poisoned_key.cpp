// poisoned-key: a crash or a failure leaves an idempotency key that nobody can use any more.
#include <array>

#include "loadgen/model/detector.hpp"
#include "reports/detectors/common/property_findings.hpp"

namespace squall::reports {
namespace {

constexpr std::array<std::string_view, 3> kProperties = {"conflict-not-sticky", "dependency-fails",
                                                         "crash-inside"};

std::vector<model::Finding> detect(const model::RunRecord& record) {
  return judge_properties(
      record,
      {.detector = "poisoned-key", .harm = model::PropertyHarm::kStuck, .properties = kProperties});
}

}  // namespace

void register_detector_poisoned_key(model::DetectorRegistry& registry);
void register_detector_poisoned_key(model::DetectorRegistry& registry) {
  registry.add({.name = "poisoned-key",
                .summary = "a crash or a failure leaves an idempotency key that stays unusable",
                .needs = "`squall idempotency`: an [idempotency] table with `restart`, "
                         "`dependencies` or `key_store`",
                .detect = detect});
}

}  // namespace squall::reports
