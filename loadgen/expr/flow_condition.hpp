// When a step or a group of a flow is done: `status == "pending" and not (next exists)`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/expectation.hpp"

namespace squall::expr {

// What a condition looks at. Views must outlive the call.
struct FlowState {
  std::span<const std::string> extracted{};  // by slot; empty: there is none
  int last_status = 0;                       // of the last answer; 0: none
  std::string_view last_outcome{};           // "acked", "rejected"…; empty: nothing was done yet
  std::uint64_t index = 0;                   // {{index}}
};

// Which value of the state a name stands for.
struct FlowValueName {
  enum class Kind : std::uint8_t { kExtracted, kLastStatus, kLastOutcome, kIndex };
  Kind kind = Kind::kExtracted;
  std::uint16_t slot = 0;  // kExtracted
};

// Immutable after parsing; any thread. Copyable.
class FlowCondition {
 public:
  // Grammar: EBNF in plans/README.md (flow_condition_grammar()). Names are those of `extracted`
  // (an empty one only keeps a slot), `last.status`, `last.outcome` and `index`. On failure:
  // kInvalidArgument with the column inside `text` (from 1) in where.column; no file.
  [[nodiscard]] static Result<FlowCondition> parse(std::string_view text,
                                                   const std::vector<std::string>& extracted);

  // Two values that both are numbers are compared as numbers, others as texts, and only for
  // equality: an order between texts does not hold. A name without a value equals nothing.
  // Allocates nothing.
  [[nodiscard]] bool holds(const FlowState& state) const;

  // As written.
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  friend class FlowConditionParser;

  using Name = FlowValueName;
  using Operand = std::variant<Name, std::string, double>;
  enum class Op : std::uint8_t { kCompare, kExists, kNot, kAnd, kOr };
  // In postfix order: operands stand before their operator.
  struct Node {
    Op op = Op::kExists;
    Comparison comparison = Comparison::kEqual;
    Operand left = {};
    Operand right = {};
  };
  struct Text;  // an operand's value as text

  static bool compare_operands(const Node& node, const FlowState& state);

  std::string source_;
  std::vector<Node> nodes_;
};

// Its grammar in EBNF, as printed in plans/README.md.
[[nodiscard]] std::string_view flow_condition_grammar();

}  // namespace squall::expr
