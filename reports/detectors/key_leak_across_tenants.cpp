// key-leak-across-tenants: whoever sends a key that another customer has used gets that one's
// answer.
#include <array>

#include "loadgen/model/detector.hpp"
#include "reports/detectors/common/property_findings.hpp"

namespace squall::reports {
namespace {

constexpr std::array<std::string_view, 1> kProperties = {"scope-by-caller"};

std::vector<model::Finding> detect(const model::RunRecord& record) {
  return judge_properties(record, {.detector = "key-leak-across-tenants",
                                   .harm = model::PropertyHarm::kLeak,
                                   .properties = kProperties});
}

}  // namespace

void register_detector_key_leak_across_tenants(model::DetectorRegistry& registry);
void register_detector_key_leak_across_tenants(model::DetectorRegistry& registry) {
  registry.add({.name = "key-leak-across-tenants",
                .summary = "an idempotency key of another caller gives that one's answer",
                .needs = "`squall idempotency`: an [idempotency] table and two [[caller]] tables",
                .detect = detect});
}

}  // namespace squall::reports
