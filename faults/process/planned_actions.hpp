// The [[action]] tables of a plan on the timeline of a run.
#pragma once

#include <memory>
#include <vector>

#include "loadgen/model/action.hpp"
#include "loadgen/model/service_control.hpp"
#include "loadgen/model/timeline_action.hpp"

namespace squall::faults {

// One for each occurrence, in their order. Borrows the services, and the actions, which outlive
// what is made of them.
[[nodiscard]] std::vector<std::shared_ptr<model::TimelineAction>> make_timeline_actions(
    const std::vector<model::PlannedAction>& actions, model::ServiceControl& services);

}  // namespace squall::faults
