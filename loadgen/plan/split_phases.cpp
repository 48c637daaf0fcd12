#include "loadgen/plan/cross_checks.hpp"

#include <algorithm>

namespace squall::plan {
namespace {

// When the last replica's turn comes.
Duration last_turn(const model::PlannedAction& action) {
  const bool in_turn = action.order == model::ReplicaOrder::kOneAtATime;
  const auto more = static_cast<std::int64_t>(action.processes.size()) - 1;
  return action.at + (in_turn && more > 0 ? action.between * more : Duration::zero());
}

// When what an action has done is over: after the time it lasts, else when another one does
// something to the same service, else with the load. A restart or a hook is over when it is done.
Duration end_of(const model::PlannedAction& action, const model::Plan& plan) {
  const Duration begun = last_turn(action);
  if (action.lasts) {
    return begun + *action.lasts;
  }
  if (action.kind == nullptr || !action.kind->traits.lasts) {
    return begun;
  }
  Duration end = std::max(plan.load.duration, begun);
  for (const model::PlannedAction& next : plan.actions) {
    if (!next.service.empty() && next.service == action.service && next.at > action.at) {
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
