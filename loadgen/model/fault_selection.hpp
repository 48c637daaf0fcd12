// Which attempts a fault touches: decided by a pure function of (seed, fault, arrival, attempt),
// never re-rolled.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/table_reader.hpp"
#include "loadgen/model/operation_index.hpp"

namespace squall::model {

enum class AttemptScope : std::uint8_t { kFirst, kAll };

// Immutable; any thread. Cheap enough to ask for every attempt: no allocation, no virtual call.
struct FaultSelection {
  StreamId stream{0, "", ""};
  std::vector<std::uint16_t> steps;  // indices into Plan::steps
  // Parallel to `steps`: what tells their draws apart, made of the step's name so that a scenario
  // put in front shifts nothing. Empty: the index itself.
  std::vector<std::uint64_t> step_salts = {};
  Share share{1.0};
  std::optional<expr::Window>
      window;  // on the operation's intended start after t = 0; without one: also in the warm-up
  AttemptScope attempts = AttemptScope::kFirst;
  std::uint64_t every_nth = 0;  // 0: no such limit; n: arrivals n-1, 2n-1, … of the scenario
  std::uint64_t first_n = 0;    // 0: no such limit; n: arrivals 0 … n-1 of the scenario

  [[nodiscard]] bool in_window(Duration offset) const {
    return !window || (offset >= window->from && offset < window->to);
  }
  // `offset`: the operation's intended start after t = 0. `operation`: by global arrival index of
  // its scenario, and visit; limits go by the arrival.
  [[nodiscard]] bool chooses(std::uint16_t step, Duration offset, OperationIndex operation,
                             std::uint32_t attempt) const;
};

}  // namespace squall::model
