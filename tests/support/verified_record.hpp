// Run records of verifications, for tests of checks and formats.
#pragma once

#include <string>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::testing {

// A property of each verdict: 1 passes, 4 fails (effects; two cases, a script that hit), 5 warns,
// 22 is not tested for want of [idempotency.read]; two oracles that disagree about a token,
// volatile fields, a learnt profile.
[[nodiscard]] model::IdempotencyReport sample_verification();

// The record of it, not judged yet: without load. Always the same.
[[nodiscard]] model::RunRecord verified_record(model::IdempotencyReport report);

// sample_verification with `poison` in every text that a plan or a target can supply.
[[nodiscard]] model::IdempotencyReport hostile_verification(const std::string& poison);

}  // namespace squall::testing
