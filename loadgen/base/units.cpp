#include "loadgen/base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall {
namespace {

struct Unit {
  std::string_view suffix;
  double factor;
};

constexpr std::array kDurationUnits{
    Unit{"ns", 1},  Unit{"us", 1e3}, Unit{"\xc2\xb5s", 1e3}, Unit{"ms", 1e6},
    Unit{"s", 1e9}, Unit{"m", 60e9}, Unit{"h", 3600e9},
};
constexpr std::array kByteUnits{
    Unit{"", 1},     Unit{"B", 1},       Unit{"KB", 1e3},       Unit{"MB", 1e6},
    Unit{"GB", 1e9}, Unit{"KiB", 1024.}, Unit{"MiB", 1048576.}, Unit{"GiB", 1073741824.},
};

// Longest duration a plan may name: a hundred years keeps every sum inside 64-bit nanoseconds.
constexpr double kMaxDurationNs = 100.0 * 366 * 24 * 3600 * 1e9;

struct NumberAndRest {
  double number;
  std::string_view rest;
};

std::optional<NumberAndRest> take_number(std::string_view text) {
  double number = 0;
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (code != std::errc() || text.front() == '-' || !std::isfinite(number)) {
    return std::nullopt;
  }
  return NumberAndRest{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view suffix) {
  for (const Unit& unit : units) {
    if (unit.suffix == suffix) {
      return &unit;
    }
  }
  return nullptr;
}

tl::unexpected<Error> bad(std::string_view what, std::string_view text, std::string_view examples) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not {}; write for example {}",
                                                       printable(text, 60), what, examples));
}

constexpr std::string_view kDurationExamples = "\"250ms\", \"2s\" or \"1m30s\"";
constexpr std::string_view kRateExamples = "\"200/s\" or \"3000/m\"";
constexpr std::string_view kShareExamples = "\"5%\" (0% to 100%)";
constexpr std::string_view kByteExamples = "\"512B\", \"64KiB\" or \"10MB\"";

// Three significant digits without an exponent.
std::string three_digits(double value) {
  const double size = std::fabs(value);
  if (size == std::floor(size) && size < 1e6) {
    return fmt::format("{:.0f}", value);
  }
  return size >= 99.95   ? fmt::format("{:.0f}", value)
         : size >= 9.995 ? fmt::format("{:.1f}", value)
                         : fmt::format("{:.2f}", value);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text, Sign sign) {
  std::string_view rest = text;
  const bool negative = sign == Sign::kAny && rest.starts_with('-');
  if (sign == Sign::kAny && (rest.starts_with('-') || rest.starts_with('+'))) {
    rest.remove_prefix(1);
  }
  if (rest == "0") {
    return Duration::zero();
  }
  if (rest.empty()) {
    return bad("a duration", text, kDurationExamples);
  }
  double total = 0;
  while (!rest.empty()) {
    const auto number = take_number(rest);
    if (!number) {
      return bad("a duration", text, kDurationExamples);
    }
    const std::size_t unit_end = number->rest.find_first_of("0123456789");
    const std::string_view suffix = number->rest.substr(0, unit_end);
    const Unit* unit = find_unit(kDurationUnits, suffix);
    if (unit == nullptr) {
      return bad("a duration", text, kDurationExamples);
    }
    total += number->number * unit->factor;
    rest = number->rest.substr(suffix.size());
  }
  if (total > kMaxDurationNs) {
    return bad("a duration below 100 years", text, kDurationExamples);
  }
  const Duration value(std::llround(total));
  return negative ? -value : value;
}

Result<Rate> parse_rate(std::string_view text) {
  const auto number = text.empty() ? std::nullopt : take_number(text);
  if (!number) {
    return bad("a rate", text, kRateExamples);
  }
  std::string_view rest = number->rest;
  double factor = 1;
  if (rest.starts_with('k')) {
    factor = 1e3;
    rest.remove_prefix(1);
  } else if (rest.starts_with('M')) {
    factor = 1e6;
    rest.remove_prefix(1);
  }
  const double divisor = rest == "/s" ? 1 : rest == "/m" ? 60 : rest == "/h" ? 3600 : 0;
  const double per_second = divisor == 0 ? -1 : number->number * factor / divisor;
  if (divisor == 0 || per_second > 1e9) {
    return bad("a rate", text, kRateExamples);
  }
  return Rate{per_second};
}

Result<Share> parse_share(std::string_view text) {
  const auto number = text.empty() ? std::nullopt : take_number(text);
  if (!number || !(number->rest.empty() || number->rest == "%")) {
    return bad("a share", text, kShareExamples);
  }
  const double fraction = number->rest.empty() ? number->number : number->number / 100.0;
  if (fraction > 1.0) {
    return bad("a share", text, kShareExamples);
  }
  return Share{fraction};
}

Result<ByteCount> parse_bytes(std::string_view text) {
  const auto number = text.empty() ? std::nullopt : take_number(text);
  const Unit* unit = number ? find_unit(kByteUnits, number->rest) : nullptr;
  if (unit == nullptr || number->number * unit->factor > 9e15) {
    return bad("a size", text, kByteExamples);
  }
  return ByteCount{static_cast<std::uint64_t>(std::llround(number->number * unit->factor))};
}

std::string format_duration(Duration duration) {
  const double ns = static_cast<double>(duration.count());
  const double size = std::fabs(ns);
  if (size < 999.5) {
    return fmt::format("{:.0f}ns", ns);
  }
  if (size < 999.5e3) {
    return three_digits(ns / 1e3) + "us";
  }
  if (size < 999.5e6) {
    return three_digits(ns / 1e6) + "ms";
  }
  if (size < 120e9) {
    return three_digits(ns / 1e9) + "s";
  }
  if (size < 7200e9) {
    return three_digits(ns / 60e9) + "m";
  }
  return three_digits(ns / 3600e9) + "h";
}

std::string format_rate(Rate rate) {
  const double per_second = rate.per_second;
  if (per_second == 0.0 || per_second >= 0.1) {
    return three_digits(per_second) + "/s";
  }
  if (per_second * 60 >= 0.1) {
    return three_digits(per_second * 60) + "/m";
  }
  const double per_hour = per_second * 3600;
  return per_hour >= 0.01 ? three_digits(per_hour) + "/h" : fmt::format("{:.2g}/h", per_hour);
}

std::string format_share(Share share) {
  const double percent = share.fraction * 100.0;
  if (percent == 0.0 || percent >= 0.01) {
    return three_digits(percent) + "%";
  }
  return fmt::format("{:.2g}%", percent);
}

std::string format_bytes(ByteCount bytes) {
  const double value = static_cast<double>(bytes.bytes);
  if (value < 1024) {
    return fmt::format("{}B", bytes.bytes);
  }
  // 1023.5 of a unit would be printed as 1024 of it.
  if (value < 1023.5 * 1024.0) {
    return three_digits(value / 1024.0) + "KiB";
  }
  if (value < 1023.5 * 1048576.0) {
    return three_digits(value / 1048576.0) + "MiB";
  }
  return three_digits(value / 1073741824.0) + "GiB";
}

}  // namespace squall
