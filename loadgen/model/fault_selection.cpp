#include "loadgen/model/fault_selection.hpp"

#include <algorithm>

namespace squall::model {

bool FaultSelection::chooses(std::uint16_t step, Duration offset, OperationIndex operation,
                             std::uint32_t attempt) const {
  const auto found = std::find(steps.begin(), steps.end(), step);
  if (found == steps.end() || (attempt > 0 && attempts == AttemptScope::kFirst)) {
    return false;
  }
  if (!in_window(offset) || (first_n > 0 && operation.arrival >= first_n) ||
      (every_nth > 0 && (operation.arrival + 1) % every_nth != 0)) {
    return false;
  }
  if (share.fraction >= 1.0) {
    return true;
  }
  const auto position = static_cast<std::size_t>(found - steps.begin());
  const std::uint64_t salt = position < step_salts.size() ? step_salts[position] : step;
  return stream.unit_at(operation.mixed(), hash_combine(salt, attempt)) < share.fraction;
}

}  // namespace squall::model
