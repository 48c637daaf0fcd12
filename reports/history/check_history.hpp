// Runs the checks of a plan over the history of its run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/history.hpp"
#include "loadgen/model/history_plan.hpp"
#include "loadgen/model/history_report.hpp"

namespace squall::reports {

// `attempts`: all of the run, in any order. `steps`: full names, by index. `now`: the clock of
// HistoryCheckPlan::time_limit; each check has its own time, from when it begins. Never fails.
[[nodiscard]] model::HistoryReport check_history(
    const std::vector<model::HistoryOperation>& attempts, const model::HistoryPlan& plan,
    const std::vector<std::string>& steps, const std::function<TimePoint()>& now);

}  // namespace squall::reports
