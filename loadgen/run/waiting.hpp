// How the run's thread passes time between readings of an oracle.
#pragma once

#include "loadgen/effects/settle.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::run {

// Sleeps; gives false, at once, when `stop` is raised. Borrows it.
[[nodiscard]] effects::Wait interruptible_wait(const StopSignal& stop);

// Sleeps, whatever is raised.
[[nodiscard]] effects::Wait plain_wait();

}  // namespace squall::run
