// Turns the attempts and copies of marked steps into operations of the history.
#pragma once

#include <optional>
#include <string>

#include "loadgen/engine/iteration.hpp"
#include "loadgen/expr/expectation_eval.hpp"
#include "loadgen/expr/json_answer.hpp"
#include "loadgen/model/history.hpp"
#include "loadgen/model/history_plan.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// Owns parsers and their memory. Borrows `plan`, which outlives it. Worker thread only; nothing of
// it runs for steps without `history`.
class HistoryRecorder {
 public:
  explicit HistoryRecorder(const model::Plan& plan) : plan_(plan) {}

  // Fills in what the operation's step says of itself, as it is when the operation begins: what it
  // extracts comes later.
  static void render(const model::StepHistory& marks, const expr::RenderContext& context,
                     HistoryTexts& out);

  // What the exchange, which has ended as `how`, was of the history. Nothing when it never began:
  // the target knows nothing of it. REQUIRES: operation.step->history.
  [[nodiscard]] std::optional<model::HistoryOperation> operation_of(const Operation& operation,
                                                                    const Exchange& exchange,
                                                                    model::AttemptClass how,
                                                                    TimePoint zero);

 private:
  void take_value(const model::StepHistory& marks, const Exchange& exchange,
                  model::HistoryOperation& out);
  [[nodiscard]] std::optional<model::HistoryValue> value_in_json(const model::StepHistory& marks,
                                                                 std::string& problem);
  void take_version(const expr::Extraction& version, model::HistoryOperation& out);
  [[nodiscard]] std::string shown(std::string_view text) const;

  const model::Plan& plan_;
  expr::AnswerChecker answer_;
  expr::JsonAnswer json_;
  std::string buffer_;
};

}  // namespace squall::engine
