// Conditions over consecutive seconds of a run.
#pragma once

#include <optional>

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Fills verdict, value, samples and note of a condition with `for`. REQUIRES: condition.sustained.
void judge_sustained(const expr::Condition& condition, const model::RunRecord& record,
                     model::CheckResult& result);

// Whether the condition with `for` is true already by the seconds before `from_second` (after t =
// 0).
[[nodiscard]] bool holds_before(const expr::Condition& condition, const model::RunRecord& record,
                                double from_second);

}  // namespace squall::reports
