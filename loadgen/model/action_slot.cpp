#include "loadgen/model/action_slot.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/model/action_length.hpp"

namespace squall::model {

TimelineSlot timeline_slot(const PlannedAction& action) {
  TimelineSlot slot;
  slot.name = action.name;
  slot.kind = "action";
  slot.description = fmt::format("{}: {}", action.name, action.text());
  slot.at = action.at;
  if (has_own_end(action)) {
    // Behind its beginning: what ends at an instant ends before anything begins at it.
    slot.until = action.at + std::max(planned_length(action), Duration(1));
  }
  slot.ends_itself = !action.lasts || action.order == ReplicaOrder::kOneAtATime;
  return slot;
}

}  // namespace squall::model
