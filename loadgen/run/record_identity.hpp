// The parts of a run record that are known before anything was measured.
#pragma once

#include <string>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::run {

// Identity, steps and faults of the plan, whose file gets its absolute path. `pace`: how the
// workers will wait.
[[nodiscard]] model::RunRecord identity_of(const model::Plan& plan, const std::string& version,
                                           const std::string& command, const std::string& pace);

// "drop, share 5%, 5s to 25s, first attempts": what a fault of a plan does, for people.
[[nodiscard]] std::string fault_summary(const model::PlannedFault& fault);

// Kernel and cores of this host.
[[nodiscard]] std::string describe_host();

}  // namespace squall::run
