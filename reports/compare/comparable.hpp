// Whether the figures of two runs may be held against each other at all.
#pragma once

#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Sentences, empty when they may: another plan, another load, other faults, no step in common, runs
// that are none at one load. Only what is known before a run is looked at, so the candidate may be
// a record of one that has not begun.
[[nodiscard]] std::vector<std::string> why_not_comparable(const model::RunRecord& base,
                                                          const model::RunRecord& candidate);

// Sentences: what else differs, which may be why figures do.
[[nodiscard]] std::vector<std::string> other_differences(const model::RunRecord& base,
                                                         const model::RunRecord& candidate);

}  // namespace squall::reports
