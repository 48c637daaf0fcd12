// Tells an oracle that cannot see effects from a target that loses them.
//
// Both show nothing under the key of an acknowledged operation. What tells them apart is the
// preflight: its operations were acknowledged without faults and without load, so an oracle that
// shows none of a step's effects, neither the preflight's nor one of the load's, has never shown
// that it can see them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "loadgen/effects/reading_doubt.hpp"
#include "loadgen/model/ledger.hpp"
#include "loadgen/model/oracle.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::effects {

// An acknowledged operation of the preflight.
struct TriedEffect {
  std::size_t step = 0;  // of the plan
  std::string key;
};

// An oracle's two readings, and what it says of the second one. Borrowed.
struct TakenReadings {
  const model::OracleReading& baseline;
  const model::OracleReading& settled;
  const ReadingDoubt& doubt;
};

// The settled reading with the keys undecided of which it proves nothing, and the reason: all of a
// step that the oracle does not see, and what is missing from a list that goes on. Nothing when the
// reading can be judged as it is.
[[nodiscard]] std::optional<model::OracleReading> without_blind_spots(
    const model::Plan& plan, const model::Ledger& ledger, std::span<const TriedEffect> tried,
    const TakenReadings& readings);

// The first tried effect that the reading does not show, unless it shows one of the same step;
// nullptr when each step is shown.
[[nodiscard]] const TriedEffect* first_unseen(std::span<const TriedEffect> tried,
                                              const model::OracleReading& reading);

}  // namespace squall::effects
