// When an action of a plan is on.
#pragma once

#include "loadgen/model/action.hpp"
#include "loadgen/model/timeline_action.hpp"

namespace squall::model {

// When it is on, as far as that is known before a run: what lasts without an end is undone when the
// load is over, and what does not last is over once it is done.
[[nodiscard]] TimelineSlot timeline_slot(const PlannedAction& action);

}  // namespace squall::model
