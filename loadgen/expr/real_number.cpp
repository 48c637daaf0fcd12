#include "loadgen/expr/real_number.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace squall::expr {

void append_real(double number, std::optional<int> digits, std::string& out) {
  std::array<char, 64> text{};
  char* const end = text.data() + text.size();
  const auto written =
      digits ? std::to_chars(text.data(), end, number, std::chars_format::fixed, *digits)
             : std::to_chars(text.data(), end, number);
  const std::string_view made(text.data(), static_cast<std::size_t>(written.ptr - text.data()));
  // Rounded to nothing: "-0.00" is no number that anybody wrote.
  const bool nothing = made.find_first_not_of("-0.") == std::string_view::npos;
  out.append(nothing && made.starts_with('-') ? made.substr(1) : made);
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
