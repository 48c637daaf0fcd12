// How long the plan itself says that an action takes.
#pragma once

#include "loadgen/base/time.hpp"
#include "loadgen/model/action.hpp"

namespace squall::model {

// Beside ActionRecipe, for recipes whose start() takes a time that the plan gives: a restart with
// its downtime. What it takes beyond that is known only once it was done.
class TakesTime {
 public:
  virtual ~TakesTime() = default;
  // Of one start(), at least; not below 0.
  [[nodiscard]] virtual Duration takes_at_least() const = 0;
};

// From the beginning of its first turn to the end of its last: one turn, or with replicas one at a
// time as many as it has replicas, `between` apart. A turn lasts as long as the action does, or
// else takes its time. 0: over at once, as far as the plan says. What lasts without an end has no
// length beyond its turns: see has_own_end().
[[nodiscard]] Duration planned_length(const PlannedAction& action);

// Whether it is over without the end of the load or another action: it lasts for a given time, or
// is over once it is done and has no `undo`, for which the end of the load is the time.
[[nodiscard]] bool has_own_end(const PlannedAction& action);

}  // namespace squall::model
