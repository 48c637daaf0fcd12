// A condition of a flow in the first line, extracted values in the next ones: what is no condition
// is refused at a column of its line, and what is one holds or does not, the same each time.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/flow_condition.hpp"

namespace {

using namespace squall::expr;

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return line;
}

bool is_printable(std::string_view message) {
  return message.find_first_of(std::string_view("\x00\x1b\n\r\x7f", 5)) == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  std::string_view rest = text;
  const std::string_view source = take_line(rest);
  static const std::vector<std::string> names{"state", "next", "page", "pages"};
  std::vector<std::string> values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    values.emplace_back(take_line(rest));
  }
  const auto condition = FlowCondition::parse(source, names);
  if (!condition) {
    const auto& error = condition.error();
    SQUALL_CHECK(error.where && error.where->column >= 1 &&
                 error.where->column <= source.size() + 1);
    SQUALL_CHECK(is_printable(error.message));
    return 0;
  }
  const FlowState state{
      .extracted = values, .last_status = 404, .last_outcome = "rejected", .index = 2};
  const bool holds = condition->holds(state);
  SQUALL_CHECK(condition->holds(state) == holds);
  const FlowCondition copy = *condition;
  SQUALL_CHECK(copy.holds(state) == holds && copy.source() == source);
  // A condition that may be negated means the opposite then.
  if (const auto negated = FlowCondition::parse("not (" + std::string(source) + ")", names)) {
    SQUALL_CHECK(negated->holds(state) != holds);
  }
  return 0;
}
