#include "loadgen/expr/flow_condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/expr/compare.hpp"
#include "loadgen/expr/scanner.hpp"

namespace squall::expr {
namespace {

// Of nodes: more is no condition that a person wrote. The results of open operands fit in a word.
constexpr std::size_t kMaxNodes = 64;
constexpr std::size_t kMaxDepth = 32;

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = !text.empty() && code == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

}  // namespace

// A value while it is compared: the text of a number is written where it stands.
struct FlowCondition::Text {
  std::string_view text;
  std::optional<double> number;
  bool there = true;
  std::array<char, 24> digits{};

  Text(const Operand& operand, const FlowState& state) {
    if (const auto* literal = std::get_if<std::string>(&operand)) {
      text = *literal;
    } else if (const auto* value = std::get_if<double>(&operand)) {
      number = *value;
    } else {
      read(std::get<Name>(operand), state);
    }
  }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  void read(const Name& name, const FlowState& state) {
    switch (name.kind) {
      case Name::Kind::kExtracted:
        text = name.slot < state.extracted.size() ? std::string_view(state.extracted[name.slot])
                                                  : std::string_view();
        there = !text.empty();
        number = number_in(text);
        return;
      case Name::Kind::kLastStatus:
        there = state.last_status != 0;
        number = static_cast<double>(state.last_status);
        text = {digits.data(),
                std::to_chars(digits.data(), digits.data() + digits.size(), state.last_status).ptr};
        return;
      case Name::Kind::kLastOutcome:
        text = state.last_outcome;
        there = !text.empty();
        return;
      case Name::Kind::kIndex:
        number = static_cast<double>(state.index);
        text = {digits.data(),
                std::to_chars(digits.data(), digits.data() + digits.size(), state.index).ptr};
        return;
    }
  }
};

bool FlowCondition::compare_operands(const Node& node, const FlowState& state) {
  const Text left(node.left, state);
  const Text right(node.right, state);
  const bool unequal = node.comparison == Comparison::kNotEqual;
  if (!left.there || !right.there) {
    return unequal;
  }
  if (left.number && right.number) {
    return compare(node.comparison, *left.number, *right.number);
  }
  // A literal number has no text of its own: what is compared with it is none.
  const bool texts =
      !std::holds_alternative<double>(node.left) && !std::holds_alternative<double>(node.right);
  if (texts && (unequal || node.comparison == Comparison::kEqual)) {
    return compare(node.comparison, left.text, right.text);
  }
  return unequal;
}

bool FlowCondition::holds(const FlowState& state) const {
  std::uint64_t stack = 0;  // the newest result in the lowest bit
  for (const Node& node : nodes_) {
    switch (node.op) {
      case Op::kCompare:
        stack = (stack << 1U) | (compare_operands(node, state) ? 1U : 0U);
        break;
      case Op::kExists:
        stack = (stack << 1U) | (Text(node.left, state).there ? 1U : 0U);
        break;
      case Op::kNot:
        stack ^= 1U;
        break;
      case Op::kAnd:
        stack = (stack >> 1U) & (stack | ~std::uint64_t{1});
        break;
      case Op::kOr:
        stack = (stack >> 1U) | (stack & 1U);
        break;
    }
  }
  return (stack & 1U) != 0;
}

// condition = term { "or" term } ; term = factor { "and" factor } ; factor = "not" factor | "("
// condition ")" | operand ( "exists" | comparison operand )
class FlowConditionParser {
 public:
  FlowConditionParser(std::string_view text, const std::vector<std::string>& extracted)
      : scanner_(text, "()"), extracted_(extracted) {
    condition_.source_ = text;
  }

  Result<FlowCondition> parse() {
    auto read = parse_or(0).and_then([&] { return scanner_.expect_end(); });
    if (!read) {
      return fail(std::move(read).error());
    }
    return std::move(condition_);
  }

 private:
  using Op = FlowCondition::Op;
  using Operand = FlowCondition::Operand;
  using Name = FlowCondition::Name;

  Result<void> add(FlowCondition::Node node) {
    if (condition_.nodes_.size() >= kMaxNodes) {
      return Scanner::error_at(
          scanner_.column(),
          fmt::format("a condition has at most {} comparisons and operators", kMaxNodes));
    }
    condition_.nodes_.push_back(std::move(node));
    return {};
  }

  Result<void> parse_or(std::size_t depth) {
    auto read = parse_and(depth);
    while (read && scanner_.take_if("or")) {
      read = parse_and(depth).and_then([&] { return add({.op = Op::kOr}); });
    }
    return read;
  }

  Result<void> parse_and(std::size_t depth) {
    auto read = parse_factor(depth);
    while (read && scanner_.take_if("and")) {
      read = parse_factor(depth).and_then([&] { return add({.op = Op::kAnd}); });
    }
    return read;
  }

  Result<void> parse_factor(std::size_t depth) {
    if (depth >= kMaxDepth) {
      return Scanner::error_at(scanner_.column(),
                               fmt::format("a condition nests at most {} levels deep", kMaxDepth));
    }
    if (scanner_.take_if("not")) {
      return parse_factor(depth + 1).and_then([&] { return add({.op = Op::kNot}); });
    }
    if (!scanner_.take_mark('(')) {
      return parse_comparison();
    }
    return parse_or(depth + 1).and_then([&]() -> Result<void> {
      if (!scanner_.take_mark(')')) {
        return scanner_.unexpected_here("the closing parenthesis", {});
      }
      return {};
    });
  }

  Result<void> parse_comparison() {
    const std::size_t column = scanner_.column();
    auto left = take_operand();
    if (!left) {
      return fail(std::move(left).error());
    }
    const bool named = std::holds_alternative<Name>(*left);
    if (scanner_.take_if("exists")) {
      if (!named) {
        return Scanner::error_at(column, "only a name can exist or not");
      }
      return add({.op = Op::kExists, .left = std::move(*left)});
    }
    if (!scanner_.peek_word().empty() || scanner_.at_end()) {
      return scanner_.unexpected_here("\"exists\" or a comparison", {"exists", "=="});
    }
    const auto comparison = scanner_.take_comparison();
    if (!comparison) {
      return fail(comparison.error());
    }
    auto right = take_operand();
    if (!right) {
      return fail(std::move(right).error());
    }
    if (!named && !std::holds_alternative<Name>(*right)) {
      return Scanner::error_at(column, "neither side is a name, so the answer never changes");
    }
    const bool ordering = *comparison != Comparison::kEqual && *comparison != Comparison::kNotEqual;
    if (ordering && (std::holds_alternative<std::string>(*left) ||
                     std::holds_alternative<std::string>(*right))) {
      return Scanner::error_at(column,
                               fmt::format("{} compares numbers only", to_string(*comparison)));
    }
    return add({.op = Op::kCompare,
                .comparison = *comparison,
                .left = std::move(*left),
                .right = std::move(*right)});
  }

  Result<Operand> take_operand() {
    if (scanner_.at_quote()) {
      auto text = scanner_.take_quoted();
      if (!text) {
        return fail(std::move(text).error());
      }
      return Operand(*std::move(text));
    }
    const std::string_view word = scanner_.peek_word();
    if (const auto number = number_in(word)) {
      scanner_.take_word();
      return Operand(*number);
    }
    // JSON's words: extraction writes them so.
    if (word == "true" || word == "false") {
      return Operand(std::string(scanner_.take_word()));
    }
    const auto name = find(word);
    if (!name) {
      return scanner_.unexpected_here(
          "an extracted value, last.status, last.outcome, index, a number or a text in quotes",
          known());
    }
    scanner_.take_word();
    return Operand(*name);
  }

  [[nodiscard]] std::optional<Name> find(std::string_view word) const {
    if (word.empty()) {  // as are names that are not known here
      return std::nullopt;
    }
    if (word == "last.status") {
      return Name{Name::Kind::kLastStatus, 0};
    }
    if (word == "last.outcome") {
      return Name{Name::Kind::kLastOutcome, 0};
    }
    if (word == "index") {
      return Name{Name::Kind::kIndex, 0};
    }
    const auto found = std::find(extracted_.begin(), extracted_.end(), word);
    if (found == extracted_.end()) {
      return std::nullopt;
    }
    return Name{Name::Kind::kExtracted, static_cast<std::uint16_t>(found - extracted_.begin())};
  }

  [[nodiscard]] std::vector<std::string_view> known() const {
    std::vector<std::string_view> names{"last.status", "last.outcome", "index"};
    std::copy_if(extracted_.begin(), extracted_.end(), std::back_inserter(names),
                 [](const std::string& name) { return !name.empty(); });
    return names;
  }

  Scanner scanner_;
  const std::vector<std::string>& extracted_;
  FlowCondition condition_;
};

Result<FlowCondition> FlowCondition::parse(std::string_view text,
                                           const std::vector<std::string>& extracted) {
  return FlowConditionParser(text, extracted).parse();
}

std::string_view flow_condition_grammar() {
  // It would be taken for code.
  // clang-format off
  return R"ebnf(flow-condition = flow-term { "or" flow-term } ;    (* of `when` and `while` *)
flow-term   = flow-factor { "and" flow-factor } ;
flow-factor = "not" flow-factor
            | "(" flow-condition ")"
            | operand comparison operand               (* two numbers as numbers, else as texts *)
            | value "exists" ;                         (* extracted, and not empty *)
operand     = value | number | text | "true" | "false" ;
value       = name                                     (* an extracted value *)
            | "last.status" | "last.outcome"           (* of the step before: 404; acked, rejected, unknown, not_sent *)
            | "index" ;                                (* of the innermost repeat or while, from 0 *)
)ebnf";
  // clang-format on
}

}  // namespace squall::expr
