#include "loadgen/expr/real_number.hpp"

#include <array>
#include <charconv>

namespace squall::expr {

void append_real(double number, std::optional<int> digits, std::string& out) {
  std::array<char, 64> text{};
  char* const end = text.data() + text.size();
  const auto written =
      digits ? std::to_chars(text.data(), end, number, std::chars_format::fixed, *digits)
             : std::to_chars(text.data(), end, number);
  out.append(text.data(), written.ptr);
}

Result<std::optional<int>> read_digits(const CallArguments& arguments, std::size_t at) {
  constexpr std::int64_t kMostDigits = 15;
  if (arguments.size() <= at) {
    return std::optional<int>();
  }
  const auto digits = arguments.integer(at, 0, kMostDigits);
  if (!digits) {
    return fail(digits.error());
  }
  return std::optional<int>(static_cast<int>(*digits));
}

}  // namespace squall::expr
