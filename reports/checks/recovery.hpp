// Judges `time_to_recover`.
#pragma once

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Fills value, samples (seconds of the recovery), verdict and note. A target that never recovered
// took longer than any bound. Without enough baseline or a second after the fault phase it is
// inconclusive.
void judge_recovery(const expr::Condition& condition, const model::RunRecord& record,
                    model::CheckResult& result);

}  // namespace squall::reports
