// What the history came to, as checks and findings of the run.
#pragma once

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Whether the plan has any [[history]].
[[nodiscard]] bool judges_history(const model::RunRecord& record);

// One check for each [[history]], behind those that are there: about effects, so that a violation
// is exit 5.
void add_history_checks(model::RunRecord& record);

// One finding for each violation, with its witness as evidence: `history:NAME`, required.
void add_history_findings(model::RunRecord& record);

}  // namespace squall::reports
