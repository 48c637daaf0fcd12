// What an answer means for its step: the class of the attempt, and the values taken from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/engine/exchange.hpp"
#include "loadgen/expr/expectation_eval.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// The class of a complete answer that does not keep what it should: a status that tells of an error
// keeps its class, any other is kUnexpected.
[[nodiscard]] model::AttemptClass class_of_unmet(int status);

// Owns the JSON parser's memory, and the expectations' texts that are filled in. Worker thread
// only.
class StepJudge {
 public:
  explicit StepJudge(const model::Plan& plan);

  struct Judged {
    model::AttemptClass how = model::AttemptClass::kDropped;
    // What the answer did not keep: a position among Step::demands(). exchange.detail says more.
    std::optional<std::uint16_t> unmet;
  };
  // Judges a completed exchange. A complete answer is held against the step's expectations
  // (without any: status 200..399 is a success); then the values that the step extracts must be
  // there, or have a default or be optional. An answer that does not keep this is kUnexpected, or
  // of the class of its status when that is 400 or above. When it is a success and `slots` is not
  // null, the values are written there.
  // `operation` is what fills in the names of expectations, of steps for which needs_operation() is
  // true.
  [[nodiscard]] Judged judge(const model::Step& step, Exchange& exchange,
                             std::vector<std::string>* slots,
                             const expr::RenderContext& operation = {});

  // Whether what the step expects depends on the operation.
  [[nodiscard]] bool needs_operation(const model::Step& step) const {
    return !texts_[step.index].empty();
  }
  // Whether the step needs the answer's body, or its header fields.
  [[nodiscard]] bool keeps_body(const model::Step& step) const { return keeps_[step.index].body; }
  [[nodiscard]] bool keeps_header(const model::Step& step) const {
    return keeps_[step.index].header;
  }

 private:
  struct Keeps {
    bool body = false;
    bool header = false;
  };

  // The first extraction without a value; the others stand in values_.
  std::optional<std::size_t> extract(const model::Step& step);

  expr::AnswerChecker checker_;
  std::vector<std::string> values_;  // of one answer, by position in Step::extract
  std::vector<Keeps> keeps_;         // by step
  // By step, then by position in Step::expect; empty for a step without any.
  std::vector<std::vector<std::optional<expr::ExpectedText>>> texts_;
};

}  // namespace squall::engine
