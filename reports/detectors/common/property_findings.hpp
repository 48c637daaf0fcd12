// Detectors that judge what `squall idempotency` verified.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// What a detector is about. Literals; borrowed.
struct PropertyWords {
  std::string_view detector;
  model::PropertyHarm harm = model::PropertyHarm::kNone;  // that makes it fail
  std::span<const std::string_view> properties;           // by name: those that can show it
};

// A finding for each of the properties that the record has: it fails by that harm alone, is
// inconclusive when the property was not tested or failed by a graver harm, behind which this one
// cannot be seen, and passes otherwise. None when the record is of no `squall idempotency`.
[[nodiscard]] std::vector<model::Finding> judge_properties(const model::RunRecord& record,
                                                           const PropertyWords& words);

}  // namespace squall::reports
