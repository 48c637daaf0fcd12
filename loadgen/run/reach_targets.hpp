// The preflight of a plan that has no traffic of its own.
#pragma once

#include "loadgen/base/result.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::run {

// Connects to each target, by its way to go, and sends nothing. One replica that takes the
// connection is enough: others may be down on purpose. kUnavailable with the target that nobody
// answers for; ends without an error when `stop` is raised, which the caller sees itself. Blocks up
// to each replica's connect timeout.
[[nodiscard]] Result<void> reach_targets(const model::Plan& plan, const StopSignal& stop);

}  // namespace squall::run
