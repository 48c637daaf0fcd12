// Decides conditions on effect counts, with and without undecided keys.
#pragma once

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// REQUIRES: the metric is one of effects.
void judge_effects(const expr::Condition& condition, const model::RunRecord& record,
                   model::CheckResult& result);

// Keys of the selected steps that no oracle could answer for; all of them when none answered at
// all.
[[nodiscard]] std::uint64_t undecided_effects(const model::RunRecord& record,
                                              std::string_view step);

// Why: the first problem that an oracle reported, made printable; empty when none did.
[[nodiscard]] std::string oracle_problem(const model::RunRecord& record);

}  // namespace squall::reports
