// The history of a run: judged when it is over, exported later.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::app {

// Fills record.history from history.ndjson in the run's directory, by the plan's [[history]]; does
// nothing for plans that keep none. A history that cannot be read, or is too large, makes its
// checks inconclusive.
void judge_history(const std::string& directory, const model::Plan& plan, model::RunRecord& record);

// The history in that form (see reports::history_exports()). kNotFound when the run kept none.
[[nodiscard]] Result<std::string> export_history(const std::string& directory,
                                                 const model::RunRecord& record,
                                                 std::string_view form);

}  // namespace squall::app
