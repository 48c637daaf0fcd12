// What the oracles of a plan may use.
#pragma once

#include <string>

#include "loadgen/model/oracle.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::run {

// Requests of oracles go to the plan's first target with that target's headers; programs run in
// `directory`.
[[nodiscard]] model::OracleContext oracle_context(const model::Plan& plan,
                                                  const std::string& directory);

}  // namespace squall::run
