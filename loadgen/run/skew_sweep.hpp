// The sweep that a plan's [skew] asks for, through the engine that the load uses.
#pragma once

#include <functional>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/skew.hpp"
#include "loadgen/run/iteration.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::run {

// Told after each request of the sweep; the trace is of the whole iteration.
using SweepProgress = std::function<void(const IterationTrace& trace, Duration offset)>;

// Asks with true times first, which must be accepted, and reads the target's clock off its Date
// headers; then looks for both edges. Each request is an iteration of its own up to the step, with
// keys of its own; in a plan whose target is not loopback they come no faster than max_rate. Ends
// early, with `problem` set, when true times are refused, when there is no clear answer at an
// offset three times over, or when `stop` is raised. REQUIRES: plan.skew.
[[nodiscard]] model::SkewSweep sweep_skew(const model::Plan& plan, const StopSignal& stop,
                                          const SweepProgress& progress);

}  // namespace squall::run
