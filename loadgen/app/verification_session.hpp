// A run that verifies properties of idempotency in place of the load.
#pragma once

#include <memory>

#include "loadgen/app/run_session.hpp"
#include "loadgen/verify/verification.hpp"

namespace squall::app {

// As run_session, which it is but for `instead_of_load`. REQUIRES: the plan has [idempotency].
[[nodiscard]] SessionResult run_verification(const std::shared_ptr<const model::Plan>& plan,
                                             SessionOptions options,
                                             const verify::VerificationOptions& verification,
                                             model::ProgressView& view,
                                             const run::StopSignal& stop);

}  // namespace squall::app
