// How functions write numbers with a fraction.
#pragma once

#include <optional>
#include <string>

#include "loadgen/expr/call_arguments.hpp"

namespace squall::expr {

// Functions take no larger number: what they make of it stays finite, and can be written without an
// exponent.
inline constexpr double kLargestReal = 1e15;

// With `digits` behind the point, else the shortest text that reads back as the same number.
// REQUIRES: finite.
void append_real(double number, std::optional<int> digits, std::string& out);

// The optional argument that says how many digits stand behind the point: from 0 to 15.
[[nodiscard]] Result<std::optional<int>> read_digits(const CallArguments& arguments,
                                                     std::size_t at);

}  // namespace squall::expr
