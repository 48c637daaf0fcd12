#include "loadgen/base/clock_rate.hpp"

#include <cmath>
#include <string_view>

#include "loadgen/base/units.hpp"

namespace squall {
namespace {

constexpr double kLargestRate = 86400;

// "2s/m" or "-1ms/1s": time gained in time. The part after the slash may be a unit alone.
std::optional<double> parse_gain(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) {
    return std::nullopt;
  }
  const Result<Duration> gained = parse_duration(text.substr(0, slash), Sign::kAny);
  Result<Duration> per = parse_duration(text.substr(slash + 1));
  if (!per) {
    per = parse_duration("1" + text.substr(slash + 1));
  }
  if (!gained || !per || *per <= Duration::zero()) {
    return std::nullopt;
  }
  return to_seconds(*gained) / to_seconds(*per);
}

std::optional<double> parse_ppm(const std::string& text) {
  constexpr std::string_view kUnit = "ppm";
  if (text.size() <= kUnit.size() || !text.ends_with(kUnit)) {
    return std::nullopt;
  }
  const bool negative = text.front() == '-';
  const std::string number =
      text.substr(negative ? 1 : 0, text.size() - kUnit.size() - (negative ? 1 : 0));
  if (number.find_first_not_of("0123456789.") != std::string::npos || number.size() > 12 ||
      number.find('.') != number.rfind('.') || number == "." || number.empty()) {
    return std::nullopt;
  }
  const double parts = std::stod(number) * 1e-6;
  return negative ? -parts : parts;
}

}  // namespace

std::optional<double> parse_clock_rate(const std::string& text) {
  std::optional<double> rate = parse_ppm(text);
  if (!rate) {
    rate = parse_gain(text);
  }
  return rate && *rate != 0 && std::abs(*rate) <= kLargestRate ? rate : std::nullopt;
}

}  // namespace squall
