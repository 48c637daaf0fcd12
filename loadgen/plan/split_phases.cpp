#include "loadgen/plan/cross_checks.hpp"

#include <algorithm>

#include "loadgen/model/action_length.hpp"

namespace squall::plan {
namespace {

// When what an action has done is over: by itself, else when another one does something to the same
// service, else with the load, at whose end a hook's `undo` runs.
Duration end_of(const model::PlannedAction& action, const model::Plan& plan) {
  const Duration begun = action.at + model::planned_length(action);
  if (model::has_own_end(action)) {
    return begun;
  }
  Duration end = std::max(plan.load.duration, begun);
  for (const model::PlannedAction& next : plan.actions) {
    if (!action.undo && !next.service.empty() && next.service == action.service &&
        next.at > action.at) {
      end = std::min(end, next.at);
    }
  }
  return std::max(end, begun);
}

}  // namespace

void split_phases(Build& build) {
  model::Plan& plan = build.plan;
  const auto cover = [&](const std::optional<expr::Window>& window) {
    plan.phases.cover(window ? window->from : Duration::zero(),
                      window ? window->to : plan.load.duration);
  };
  for (const model::PlannedFault& fault : plan.faults) {
    cover(fault.selection.window);
  }
  for (const model::PlannedProxyFault& fault : plan.proxy_faults) {
    cover(fault.window);
  }
  for (const model::PlannedAction& action : plan.actions) {
    plan.phases.cover(action.at, end_of(action, plan));
  }
}

}  // namespace squall::plan
