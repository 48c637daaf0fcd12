// What a verification of idempotency means for the run: findings, and what is in doubt.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/verdict.hpp"

namespace squall::reports {

// One finding for each property that was tested, by number, with the id of model::finding_id. A
// failure is required, and about effects unless nothing but an answer was wrong; a warning is
// required only when `strict`, and never about effects. A property that was not tested makes none.
[[nodiscard]] std::vector<model::Finding> idempotency_findings(
    const model::IdempotencyReport& report, bool strict);

struct IdempotencyRemark {
  enum class Weight : std::uint8_t {
    kInvalid,      // effects could not be counted
    kDoubt,        // something was tried and could not be decided, or nothing was tested at all
    kDoubtStrict,  // the plan lacks the means: a doubt with --strict, else for people to know
  };
  Weight weight = Weight::kInvalid;
  std::string sentence;
};

// What of a verification is neither a pass nor a finding. Sentences are printable.
[[nodiscard]] std::vector<IdempotencyRemark> idempotency_remarks(
    const model::IdempotencyReport& report);

}  // namespace squall::reports
