// What one run says as a stage of a capacity search, and the plan that makes it one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/capacity.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/capacity_search.hpp"

namespace squall::app {

// The changes to a plan (as for --set) by which its open scenarios together offer `rate`, each its
// share of what the plan says. kInvalidArgument when some scenario has no rate that could be
// varied: a closed model has no capacity to find, and a curve is not one rate.
using Changes = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Result<Changes> at_rate(const model::Plan& plan, Rate rate);

// The rate that the plan itself offers, all scenarios together.
[[nodiscard]] Rate planned_rate(const model::Plan& plan);

// The point of the curve that a finished run is. A run in which the generator did not start what
// was due is invalid as a stage, whatever its checks say.
[[nodiscard]] model::CapacityStage stage_of(const model::RunRecord& record,
                                            const run::NextStage& asked);

}  // namespace squall::app
