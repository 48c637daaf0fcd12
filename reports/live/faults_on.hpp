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
  FaultsOn() = default;
  explicit FaultsOn(const model::Plan& plan);

  // Whether anything comes and goes, so that there is something to show.
  [[nodiscard]] bool change() const { return !entries_.empty(); }
  // "slow-psp, lost-ack", in the plan's order, or "none". `elapsed`: after t = 0.
  [[nodiscard]] std::string at(Duration elapsed) const;

 private:
  struct Entry {
    std::string name;
    expr::Window window;
  };
  std::vector<Entry> entries_;
};

}  // namespace squall::reports
