#include "loadgen/run/start_instant.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/base/units.hpp"

namespace squall::run {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Up to the year 2199, as dates do.
std::optional<WallTime> parse_unix(std::string_view text) {
  constexpr std::size_t kNanosecondDigits = 9;
  constexpr std::int64_t kMostSeconds = 7'258'118'400;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string fraction;
  if (point != std::string_view::npos) {
    if (!is_digits(text.substr(point + 1))) {
      return std::nullopt;
    }
    fraction = text.substr(point + 1, kNanosecondDigits);
  }
  fraction.resize(kNanosecondDigits, '0');
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  std::from_chars(fraction.data(), fraction.data() + fraction.size(), nanoseconds);
  if (!is_digits(whole) || error != std::errc() || end != whole.data() + whole.size() ||
      seconds >= kMostSeconds) {
    return std::nullopt;
  }
  return WallTime(std::chrono::seconds(seconds) + Duration(nanoseconds));
}

}  // namespace

std::string start_text(WallTime start) {
  std::string text;
  append_iso8601(start, text);
  return text;
}

Result<WallTime> parse_start(std::string_view text, WallTime now) {
  auto start = parse_rfc3339(text);
  if (!start) {
    start = parse_unix(text);
  }
  if (!start) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is no instant: write a date with its zone, "
                            "2026-11-28T13:00:00Z, or seconds after 1970, 1795870800 (`date -u "
                            "-d '+30 seconds' +%FT%TZ` prints the one half a minute from now)",
                            printable(text)));
  }
  if (*start <= now) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} was {} ago by this host's clock, which says {}: the start has to "
                            "lie far enough ahead for every shard to be ready",
                            start_text(*start), format_duration(now - *start), start_text(now)));
  }
  if (*start - now > kLongestWait) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is {} from now by this host's clock, which says {}: a start lies "
                            "at most {} ahead",
                            start_text(*start), format_duration(*start - now), start_text(now),
                            format_duration(kLongestWait)));
  }
  return *start;
}

}  // namespace squall::run
