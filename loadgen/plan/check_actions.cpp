#include "loadgen/plan/cross_checks.hpp"

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/action_slot.hpp"

namespace squall::plan {
namespace {

using model::PlannedAction;

// What is done to a process, and until when.
struct Hold {
  const PlannedAction* action = nullptr;
  Duration until{};
};
using Holds = std::map<std::pair<const model::ActionKind*, std::string_view>, Hold>;

// Notes what the action holds; the one that holds a process of it already, if any.
const PlannedAction* hold(const PlannedAction& action, Holds& holds) {
  const Duration until = model::timeline_slot(action).until.value_or(Duration::max());
  const PlannedAction* other = nullptr;
  for (const std::string& process : action.processes) {
    Hold& held = holds[{action.kind, process}];
    if (held.action != nullptr && held.until > action.at && held.action->name != action.name) {
      other = held.action;
    }
    if (held.action == nullptr || until > held.until) {
      held = {&action, until};
    }
  }
  return other;
}

}  // namespace

void check_actions(Build& build) {
  Holds holds;
  std::set<std::string_view> told;
  for (const PlannedAction& action : build.plan.actions) {  // in order of time
    if (!action.kind->traits.lasts) {
      continue;
    }
    const PlannedAction* other = hold(action, holds);
    if (other != nullptr && told.insert(action.name).second) {
      build.diagnostics.error(
          action.where,
          fmt::format("\"{}\" begins at {}, while \"{}\" does the same ({}) to one of its "
                      "processes, and the end of one would undo the other: let them follow each "
                      "other",
                      printable(action.name), format_duration(action.at), printable(other->name),
                      action.kind->name));
    }
  }
}

}  // namespace squall::plan
