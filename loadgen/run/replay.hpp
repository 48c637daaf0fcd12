// Repeats one recorded operation with the faults that were decided for it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadgen/model/effect.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::run {

// Sends the arrival's iteration once as the plan decides it: same faults (they depend on seed and
// arrival alone), same intended place in the plan's windows, keys of the plan's run id. Without
// load beside it. Blocks until the operation has ended, at most until its attempts, back-offs and
// holds are over and one drain more. Runs a loop of its own; any thread.
struct ReplayedIteration {
  std::vector<model::EffectAttempt> attempts;
  std::vector<model::EffectOperation> operations;
};
[[nodiscard]] ReplayedIteration replay_iteration(const model::Plan& plan, std::uint16_t scenario,
                                                 std::uint64_t arrival, Duration offset);

// The intended start (after t = 0) of an arrival of that scenario, by walking its arrival process;
// nothing when it has no such arrival.
[[nodiscard]] std::optional<Duration> offset_of(const model::Plan& plan, std::uint16_t scenario,
                                                std::uint64_t arrival);

}  // namespace squall::run
