#include "loadgen/model/action_length.hpp"

#include <cstdint>

namespace squall::model {

Duration planned_length(const PlannedAction& action) {
  const auto* takes = dynamic_cast<const TakesTime*>(action.recipe.get());
  const Duration turn =
      action.lasts.value_or(takes != nullptr ? takes->takes_at_least() : Duration::zero());
  const bool in_turn = action.order == ReplicaOrder::kOneAtATime;
  const auto more = in_turn && !action.processes.empty()
                        ? static_cast<std::int64_t>(action.processes.size()) - 1
                        : 0;
  return turn + (turn + action.between) * more;
}

bool has_own_end(const PlannedAction& action) {
  return action.lasts.has_value() ||
         (action.kind != nullptr && !action.kind->traits.lasts && !action.undo);
}

}  // namespace squall::model
