// Operations that are sent once each: what everything else is held against.
#pragma once

#include "loadgen/base/result.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/verify/lab.hpp"

namespace squall::verify {

// Sends them one after the other, measures S, counts their effects (IDEMPOTENCY §3.5, 9: background
// jobs make effects of their own, which belong to every operation), and learns volatile fields by
// reading the same resource again. Writes what it finds to the report and the lab. Fails as
// verify() does.
[[nodiscard]] Result<void> run_control_group(Lab& lab, model::IdempotencyReport& report);

}  // namespace squall::verify
