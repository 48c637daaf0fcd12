#include "loadgen/engine/step_judge.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace squall::engine {
namespace {

using model::AttemptClass;

bool needs_body(const model::Step& step) {
  const bool expects = std::any_of(step.expect.begin(), step.expect.end(),
                                   [](const expr::Expectation& e) { return e.needs_body(); });
  // Effect steps keep it for the ledger: an unexpected answer is quoted there.
  return expects || !step.extract.empty() || step.is_effect;
}

AttemptClass class_of_status(int status) {
  if (status >= 200 && status < 400) {
    return AttemptClass::kSuccess;
  }
  return status >= 500   ? AttemptClass::kServerError
         : status >= 400 ? AttemptClass::kClientError
                         : AttemptClass::kUnexpected;
}

}  // namespace

StepJudge::StepJudge(const model::Plan& plan) {
  for (const model::Step& step : plan.steps) {
    keeps_body_.push_back(needs_body(step));
  }
}

AttemptClass StepJudge::classify(const model::Step& step, Exchange& exchange) {
  if (exchange.how != AttemptClass::kSuccess) {
    return exchange.how;
  }
  if (step.expect.empty()) {
    return class_of_status(exchange.status);
  }
  checker_.begin(exchange.status, exchange.body);
  const auto unmet = checker_.first_unmet(step.expect);
  if (!unmet) {
    return AttemptClass::kSuccess;
  }
  exchange.detail = fmt::format("expected {}, but {}", step.expect[*unmet].source,
                                checker_.describe(step.expect[*unmet]));
  const AttemptClass how = class_of_status(exchange.status);
  return how == AttemptClass::kSuccess ? AttemptClass::kUnexpected : how;
}

void StepJudge::extract(const model::Step& step, const Exchange& exchange,
                        std::vector<std::string>& slots) {
  if (step.extract.empty()) {
    return;
  }
  checker_.begin(exchange.status, exchange.body);
  for (std::size_t i = 0; i < step.extract.size(); ++i) {
    (void)checker_.extract(step.extract[i], slots[step.extract_slots[i]]);
  }
}

}  // namespace squall::engine
