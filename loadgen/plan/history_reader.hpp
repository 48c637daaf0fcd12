// Reading of `history`, of steps and of the plan.
#pragma once

#include <memory>

#include "loadgen/expr/template.hpp"
#include "loadgen/model/history_plan.hpp"
#include "loadgen/plan/build.hpp"

namespace squall::plan {

// The `history` of a step; `names` are those that its request may use.
[[nodiscard]] std::shared_ptr<const model::StepHistory> read_step_history(
    const expr::Value& table, const expr::TemplateNames& names, const Build& build);

// Whether a check of that kind looks at such operations.
[[nodiscard]] bool judges(model::HistoryCheckKind check, model::HistoryOp op);

// What is wrong with a check whose steps do `ops`; empty: nothing.
[[nodiscard]] std::string missing_for(model::HistoryCheckKind check,
                                      const std::vector<const model::StepHistory*>& steps);

}  // namespace squall::plan
