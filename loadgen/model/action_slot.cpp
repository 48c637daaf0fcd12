#include "loadgen/model/action_slot.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::model {

TimelineSlot timeline_slot(const PlannedAction& action) {
  TimelineSlot slot;
  slot.name = action.name;
  slot.kind = "action";
  slot.description = fmt::format("{}: {}", action.name, action.text());
  slot.at = action.at;
  if (action.lasts) {
    const bool in_turn = action.order == ReplicaOrder::kOneAtATime;
    const auto turns =
        static_cast<std::int64_t>(in_turn ? std::max<std::size_t>(1, action.processes.size()) : 1);
    slot.until = action.at + (*action.lasts + action.between) * turns - action.between;
  } else if (!action.kind->traits.lasts && !action.undo) {
    // Behind its beginning: what ends at an instant ends before anything begins at it.
    slot.until = action.at + Duration(1);
  }
  return slot;
}

}  // namespace squall::model
