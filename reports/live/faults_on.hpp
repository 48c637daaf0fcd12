// Which faults and actions of a plan are on at an instant, for live views.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::reports {

// As planned: what could not be done is told by an event. A value.
class FaultsOn {
 public:
  struct Entry {
    std::string name;                    // printable
    std::optional<expr::Window> window;  // none: as long as the load
    std::optional<std::size_t>
        counts;  // index into Plan::faults; none: nothing is counted per second

    [[nodiscard]] bool is_on(Duration elapsed) const {
      return !window || (elapsed >= window->from && elapsed < window->to);
    }
  };

  FaultsOn() = default;
  explicit FaultsOn(const model::Plan& plan);

  // In the plan's order: client faults, faults of proxies, then actions that last.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  // Whether anything comes and goes, so that there is something to show.
  [[nodiscard]] bool change() const;
  // "slow-psp, lost-ack", in the plan's order, or "none": of what comes and goes. `elapsed`: after
  // t = 0.
  [[nodiscard]] std::string at(Duration elapsed) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace squall::reports
