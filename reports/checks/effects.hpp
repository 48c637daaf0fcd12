// Decides conditions on effect counts, with and without undecided keys, at rest and not.
#pragma once

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// An oracle that never came to rest decides nothing but what more effects cannot undo: passes are
// invalid, and so are failures for lost effects; an effect too many stays a failure.
// REQUIRES: the metric is one of effects.
void judge_effects(const expr::Condition& condition, const model::RunRecord& record,
                   model::CheckResult& result);

// Keys of the selected steps that no oracle could answer for; all of them when none answered at
// all.
[[nodiscard]] std::uint64_t undecided_effects(const model::RunRecord& record,
                                              std::string_view step);

// "counts were still changing: oracle ledger gave no two equal readings in 30s"
[[nodiscard]] std::string unrest_of(const model::OracleReport& oracle);

// Why: the first problem that an oracle reported, made printable; empty when none did.
[[nodiscard]] std::string oracle_problem(const model::RunRecord& record);

}  // namespace squall::reports
