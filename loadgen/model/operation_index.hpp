// Names one operation of a step.
#pragma once

#include <cstdint>

#include "loadgen/base/hash.hpp"

namespace squall::model {

// Which operation of a step: that of an arrival, and there the first (0) or a later one of a step
// that is repeated.
struct OperationIndex {
  OperationIndex(std::uint64_t of_arrival, std::uint32_t at_visit = 0)
      : arrival(of_arrival), visit(at_visit) {}

  std::uint64_t arrival;
  std::uint32_t visit;

  // One number for both, for draws; the arrival itself for first visits.
  [[nodiscard]] std::uint64_t mixed() const {
    return visit == 0 ? arrival : hash_combine(arrival, visit);
  }
};

}  // namespace squall::model
