#include "loadgen/engine/scenario_pick.hpp"

#include <algorithm>

#include "loadgen/base/check.hpp"
#include "loadgen/model/load_model.hpp"

namespace squall::engine {

ScenarioPick::ScenarioPick(const model::Plan& plan) : stream_(plan.seed, "load", "scenario") {
  double end = 0;
  for (const model::Scenario& scenario : plan.scenarios) {
    if (scenario.weight > 0) {
      end += model::share_of(plan, scenario);
      parts_.push_back({end, scenario.index});
    }
  }
}

std::uint16_t ScenarioPick::at(std::uint64_t index) const {
  SQUALL_CHECK(!parts_.empty());
  const double unit = stream_.unit_at(index);
  const auto part = std::upper_bound(parts_.begin(), parts_.end(), unit,
                                     [](double value, const Part& p) { return value < p.end; });
  // The last end is 1 but for rounding.
  return part == parts_.end() ? parts_.back().scenario : part->scenario;
}

}  // namespace squall::engine
