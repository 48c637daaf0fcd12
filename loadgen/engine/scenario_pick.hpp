// Which scenario an iteration belongs to when several share arrivals or users by weight.
#pragma once

#include <cstdint>
#include <vector>

#include "loadgen/model/plan.hpp"

namespace squall::engine {

// Decided by the seed and the iteration's index alone, so it is the same for any number of workers.
// Immutable; any thread. REQUIRES of at(): some scenario of the plan has a weight.
class ScenarioPick {
 public:
  explicit ScenarioPick(const model::Plan& plan);

  [[nodiscard]] std::uint16_t at(std::uint64_t index) const;

 private:
  struct Part {
    double end = 0;  // of its part of [0, 1)
    std::uint16_t scenario = 0;
  };

  StreamId stream_;
  std::vector<Part> parts_;
};

}  // namespace squall::engine
