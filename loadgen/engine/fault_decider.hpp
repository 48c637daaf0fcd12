// Which faults touch an attempt, and what they make of it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/slice.hpp"
#include "loadgen/model/wire_script.hpp"

namespace squall::engine {

// What of a script a fault asked for: by this it is known afterwards whether the fault fired.
struct FaultPart {
  std::uint16_t fault = 0;  // into Plan::faults
  bool holds = false;
  bool cuts = false;
  bool copies = false;
  bool moves_clock = false;
  bool trickles = false;
  bool reads_slowly = false;
  bool malforms = false;
  bool reorders = false;
};

// The decision for one attempt. A value.
struct AttemptFaults {
  model::WireScript script;
  std::array<FaultPart, model::WireScript::kMaxFaults> parts{};
  [[nodiscard]] std::span<const FaultPart> decided() const {
    return {parts.data(), script.fault_count};
  }
};

// Borrows the plan. Worker thread only. A plain attempt costs a few comparisons per fault of its
// step and a hash per fault whose window is open.
class FaultDecider {
 public:
  explicit FaultDecider(const model::Plan& plan);

  // Fills `out` (reset first) for an attempt and counts eligible and planned in `counts` (by index
  // into Plan::faults). `offset`: intended start of the operation after t = 0.
  void decide(const model::Step& step, Duration offset, model::OperationIndex operation,
              std::uint32_t attempt, std::vector<model::FaultCounts>& counts,
              AttemptFaults& out) const;

 private:
  void apply(std::uint16_t fault, Duration offset, model::OperationIndex operation,
             std::uint32_t attempt, AttemptFaults& out) const;

  const model::Plan& plan_;
  std::vector<std::vector<std::uint16_t>> by_step_;  // faults that name the step, in plan order
};

}  // namespace squall::engine
