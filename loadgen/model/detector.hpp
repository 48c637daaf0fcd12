// The seam of detectors: each judges one failure class of the catalogue from a run record. How to
// add one: reports/README.md.
#pragma once

#include <string_view>
#include <vector>

#include "loadgen/base/registry.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::model {

struct DetectorKind {
  std::string_view name;     // finding id and catalogue row: "double-charge"
  std::string_view summary;  // one line
  std::string_view
      needs;  // what a plan must have for it to say anything: "a step with `effect` and an oracle"
  // Pure: nothing but the record. One finding for each subject it judged; none when the plan lacks
  // what it needs.
  std::vector<Finding> (*detect)(const RunRecord& record) = nullptr;
  // The keys of its [detector.NAME] table in a plan; null: it has none. Detectors read their values
  // from RunRecord::detector_settings (detector_settings.hpp).
  const expr::TableSpec* settings = nullptr;
  bool needs_effects = false;  // says nothing without effect steps and an oracle: a plan that
                               // requires it is then refused
};

using DetectorRegistry = Registry<DetectorKind>;

}  // namespace squall::model
namespace squall::reports {
using model::DetectorRegistry;
// Generated from the files in reports/detectors.
void register_detectors(DetectorRegistry& registry);
}  // namespace squall::reports
