// Conditions of `require` and `abort_when`: what parses is finite and parses again to the same;
// what does not has a column.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/condition.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace squall::expr;
  const std::string text(data, data + size);
  static_cast<void>(is_condition_word(text));
  const auto condition = parse_condition(text);
  if (!condition) {
    const auto& error = condition.error();
    SQUALL_CHECK(error.where && error.where->column >= 1 && error.where->column <= size + 1);
    SQUALL_CHECK(error.message.find_first_of(std::string_view("\x00\x1b\n\r", 4)) ==
                 std::string::npos);
    return 0;
  }
  SQUALL_CHECK(condition->source == text);
  SQUALL_CHECK(std::isfinite(condition->bound) && condition->bound >= 0);
  SQUALL_CHECK(condition->metric != Metric::kPercentile ||
               (condition->percentile > 0 && condition->percentile <= 100));
  SQUALL_CHECK(!condition->sustained || *condition->sustained >= std::chrono::seconds(1));
  SQUALL_CHECK(!(is_effect_metric(condition->metric) && condition->sustained));
  const bool equal = condition->holds(condition->bound);
  SQUALL_CHECK(equal == (condition->comparison == Comparison::kEqual ||
                         condition->comparison == Comparison::kLessOrEqual ||
                         condition->comparison == Comparison::kGreaterOrEqual));
  return 0;
}
