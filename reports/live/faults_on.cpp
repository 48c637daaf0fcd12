#include "reports/live/faults_on.hpp"

#include "loadgen/base/text.hpp"

namespace squall::reports {

FaultsOn::FaultsOn(const model::Plan& plan) {
  const auto add = [&](const std::string& name, const std::optional<expr::Window>& window) {
    if (window) {
      entries_.push_back({printable(name), *window});
    }
  };
  for (const model::PlannedFault& fault : plan.faults) {
    add(fault.name, fault.selection.window);
  }
  for (const model::PlannedProxyFault& fault : plan.proxy_faults) {
    add(fault.name, fault.window);
  }
  for (const model::PlannedAction& action : plan.actions) {
    if (action.lasts) {
      add(action.name, expr::Window{action.at, action.at + *action.lasts});
    }
  }
}

std::string FaultsOn::at(Duration elapsed) const {
  std::string names;
  for (const Entry& entry : entries_) {
    if (elapsed >= entry.window.from && elapsed < entry.window.to) {
      names += (names.empty() ? "" : ", ") + entry.name;
    }
  }
  return names.empty() ? "none" : names;
}

}  // namespace squall::reports
