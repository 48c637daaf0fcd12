// What the oracles of a plan may use.
#pragma once

#include <string>

#include "loadgen/model/oracle.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::run {

// Requests of oracles go to the plan's first target with that target's headers; programs run in the
// folder of `plan_file`, which is where the user wrote the plan, not where a run keeps its copy.
[[nodiscard]] model::OracleContext oracle_context(const model::Plan& plan,
                                                  const std::string& plan_file);

}  // namespace squall::run
