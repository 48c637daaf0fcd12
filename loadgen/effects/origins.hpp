// How wrong effects came about: which faults touched the operations, and whether they were retried.
#pragma once

#include <vector>

#include "loadgen/model/ledger.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::effects {

// Groups the lost, duplicate and phantom operations of `judgement` whose attempts are among
// `attempts` (in any order; those of other operations are ignored) by step, verdict, faults and
// retries, the most frequent group first. Pure.
[[nodiscard]] std::vector<model::EffectOrigin> origins_of(
    const model::Plan& plan, const model::Judgement& judgement,
    const std::vector<model::EffectAttempt>& attempts);

}  // namespace squall::effects
