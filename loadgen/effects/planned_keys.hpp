// Keys that a run will use, known before it does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/model/plan.hpp"

namespace squall::effects {

// The key under which that operation of an effect step asks for its effect. Nothing when
// that is known only while traffic runs: the key holds an extracted value or the pass of a loop.
[[nodiscard]] std::optional<std::string> planned_key(const model::Plan& plan,
                                                     const model::Step& step,
                                                     model::OperationIndex operation);

// Keys of this run's effect steps: of the first 16 arrivals and of every power of two beyond, up to
// a million. The run may be over before it gets to the later ones; no other run uses them either.
[[nodiscard]] std::vector<std::string> sample_of_keys(const model::Plan& plan);

}  // namespace squall::effects
