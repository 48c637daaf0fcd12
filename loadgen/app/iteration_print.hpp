// `squall run --once`.
#pragma once

#include "loadgen/model/plan.hpp"
#include "loadgen/model/verdict.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::app {

enum class Detail { kSummary, kWhole };

// Starts the plan's services, sends its set-up and one iteration of each scenario without faults,
// prints what happened, sends the teardown, also when something failed, and stops everything. Exit
// code 0 when every step succeeded, 4 when the target cannot be reached, 130 or 143 when a signal
// ended it, else 1.
[[nodiscard]] model::ExitCode run_once(const model::Plan& plan, Detail detail,
                                       const run::StopSignal& stop);

}  // namespace squall::app
