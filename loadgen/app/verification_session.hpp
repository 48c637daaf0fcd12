// A run that verifies properties of idempotency in place of the load.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "loadgen/app/run_session.hpp"
#include "loadgen/verify/verification.hpp"

namespace squall::app {

// The properties' numbers, for VerificationOptions::only. REQUIRES: each text names one, by number
// or by name.
[[nodiscard]] std::set<unsigned> property_numbers(const std::vector<std::string>& texts);

// As run_session, which it is but for `instead_of_load`. REQUIRES: the plan has [idempotency].
[[nodiscard]] SessionResult run_verification(const std::shared_ptr<const model::Plan>& plan,
                                             SessionOptions options,
                                             const verify::VerificationOptions& verification,
                                             model::ProgressView& view,
                                             const run::StopSignal& stop);

}  // namespace squall::app
