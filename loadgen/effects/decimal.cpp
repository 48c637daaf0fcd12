#include "loadgen/effects/decimal.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/effects/json_pointer.hpp"

namespace squall::effects {
namespace {

using boost::multiprecision::cpp_int;

// units / 10^scale.
struct Decimal {
  cpp_int units;
  int scale = 0;
};

cpp_int power_of_ten(int exponent) {
  cpp_int power = 1;
  for (int i = 0; i < exponent; ++i) {
    power *= 10;
  }
  return power;
}

// Takes the digits at the front of `text` away.
std::string_view take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// What stands behind the `e`.
std::optional<int> parse_exponent(std::string_view text) {
  text.remove_prefix(text.starts_with('+') && !text.starts_with("+-") ? 1 : 0);
  int exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (error != std::errc{} || end != text.data() + text.size() || exponent > kLargestExponent ||
      exponent < -kLargestExponent) {
    return std::nullopt;
  }
  return exponent;
}

std::optional<Decimal> parse(std::string_view text) {
  if (text.size() > kLongestDecimal) {
    return std::nullopt;
  }
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative ? 1 : 0);
  std::string digits(take_digits(text));
  if (digits.empty()) {
    return std::nullopt;
  }
  Decimal number;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::string_view decimals = take_digits(text);
    if (decimals.empty()) {
      return std::nullopt;
    }
    digits += decimals;
    number.scale = static_cast<int>(decimals.size());
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    const std::optional<int> exponent = parse_exponent(text.substr(1));
    if (!exponent) {
      return std::nullopt;
    }
    number.scale -= *exponent;
    text = {};
  }
  if (!text.empty()) {
    return std::nullopt;
  }
  // Leading zeros would make it octal.
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  number.units = cpp_int(digits);
  if (negative) {
    number.units = -number.units;
  }
  if (number.scale < 0) {
    number.units *= power_of_ten(-number.scale);
    number.scale = 0;
  }
  return number;
}

cpp_int units_at(const Decimal& number, int scale) {
  return number.units * power_of_ten(scale - number.scale);
}

// "-0.05"; without zeros at its end.
std::string to_text(const cpp_int& units, int scale) {
  std::string digits = units.str();
  digits.erase(0, units < 0 ? 1 : 0);
  const auto wanted = static_cast<std::size_t>(scale) + 1;
  digits.insert(0, digits.size() < wanted ? wanted - digits.size() : 0, '0');
  if (scale > 0) {
    digits.insert(digits.size() - static_cast<std::size_t>(scale), 1, '.');
    digits.erase(digits.find_last_not_of('0') + 1);
    digits.erase(digits.ends_with('.') ? digits.size() - 1 : digits.size());
  }
  return (units < 0 ? "-" : "") + digits;
}

}  // namespace

bool is_decimal(std::string_view text) {
  return parse(text).has_value();
}

bool is_change(std::string_view text) {
  const std::optional<Decimal> number = parse(text);
  return number && number->units != 0;
}

Result<std::uint64_t> changes_between(std::string_view before, std::string_view after,
                                      std::string_view change) {
  const std::optional<Decimal> first = parse(before);
  const std::optional<Decimal> second = parse(after);
  const std::optional<Decimal> each = parse(change);
  SQUALL_CHECK(first && second && each && each->units != 0);
  const int scale = std::max({first->scale, second->scale, each->scale});
  const cpp_int moved = units_at(*second, scale) - units_at(*first, scale);
  const cpp_int step = units_at(*each, scale);
  const cpp_int count = moved / step;
  const auto problem = [&](std::string_view what) {
    return fail(ErrorCode::kMalformed,
                fmt::format("it went from {} to {}, by {}: {} of {} each", before, after,
                            to_text(moved, scale), what, change));
  };
  if (moved % step != 0) {
    return problem("no whole number of effects");
  }
  if (count < 0) {
    return problem("the other way than effects");
  }
  if (count > kLargestCount) {
    return problem("more effects than can be counted,");
  }
  return static_cast<std::uint64_t>(count);
}

}  // namespace squall::effects
