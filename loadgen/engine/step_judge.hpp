// What an answer means for its step: the class of the attempt, and the values taken from it.
#pragma once

#include <string>
#include <vector>

#include "loadgen/engine/exchange.hpp"
#include "loadgen/expr/expectation_eval.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// Owns the JSON parser's memory. Worker thread only.
class StepJudge {
 public:
  explicit StepJudge(const model::Plan& plan);

  // The class of a completed exchange. A complete answer is held against the step's expectations
  // (without any: status 200..399 is a success); the one that failed is named in exchange.detail.
  [[nodiscard]] model::AttemptClass classify(const model::Step& step, Exchange& exchange);

  // Writes the step's extracted values into their slots; one that is not there becomes empty.
  void extract(const model::Step& step, const Exchange& exchange, std::vector<std::string>& slots);

  // Whether the step needs the answer's body.
  [[nodiscard]] bool keeps_body(const model::Step& step) const { return keeps_body_[step.index]; }

 private:
  expr::AnswerChecker checker_;
  std::vector<bool> keeps_body_;  // by step
};

}  // namespace squall::engine
