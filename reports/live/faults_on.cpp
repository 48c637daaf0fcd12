#include "reports/live/faults_on.hpp"

#include <algorithm>

#include "loadgen/base/text.hpp"

namespace squall::reports {

FaultsOn::FaultsOn(const model::Plan& plan) {
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    entries_.push_back({printable(plan.faults[i].name), plan.faults[i].selection.window, i});
  }
  for (const model::PlannedProxyFault& fault : plan.proxy_faults) {
    entries_.push_back({printable(fault.name), fault.window, {}});
  }
  for (const model::PlannedAction& action : plan.actions) {
    if (action.lasts) {
      entries_.push_back(
          {printable(action.name), expr::Window{action.at, action.at + *action.lasts}, {}});
    }
  }
}

bool FaultsOn::change() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.window.has_value(); });
}

std::string FaultsOn::at(Duration elapsed) const {
  std::string names;
  for (const Entry& entry : entries_) {
    if (entry.window && entry.is_on(elapsed)) {
      names += (names.empty() ? "" : ", ") + entry.name;
    }
  }
  return names.empty() ? "none" : names;
}

}  // namespace squall::reports
