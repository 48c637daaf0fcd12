#include "loadgen/import/iso_time.hpp"

#include <chrono>

namespace squall::import {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes exactly `digits` digits with a value from `low` to `high` from the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits, int low, int high) {
  if (text.size() < digits) {
    return std::nullopt;
  }
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) {
      return std::nullopt;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value >= low && value <= high ? std::optional(value) : std::nullopt;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4, 1970, 2199);
  const auto month = year && take(text, "-") ? take_number(text, 2, 1, 12) : std::nullopt;
  const auto day = month && take(text, "-") ? take_number(text, 2, 1, 31) : std::nullopt;
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

Duration take_fraction(std::string_view& text) {
  constexpr int kDigits = 9;
  std::int64_t value = 0;
  int digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (digits < kDigits) {
      value = value * 10 + (text.front() - '0');
      ++digits;
    }
  }
  for (; digits < kDigits; ++digits) {
    value *= 10;
  }
  return Duration(value);
}

std::optional<Duration> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2, 0, 23);
  const auto minute = hour && take(text, ":") ? take_number(text, 2, 0, 59) : std::nullopt;
  const auto second = minute && take(text, ":") ? take_number(text, 2, 0, 60) : std::nullopt;
  if (!second) {
    return std::nullopt;
  }
  const Duration fraction = take(text, ".,") ? take_fraction(text) : Duration::zero();
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         fraction;
}

// What local time is ahead of UTC.
std::optional<Duration> take_zone(std::string_view& text) {
  if (text.empty() || take(text, "Zz")) {
    return Duration::zero();
  }
  const bool behind = text.front() == '-';
  if (!take(text, "+-")) {
    return std::nullopt;
  }
  const auto hours = take_number(text, 2, 0, 23);
  take(text, ":");
  const auto minutes = hours ? take_number(text, 2, 0, 59) : std::nullopt;
  if (!minutes) {
    return std::nullopt;
  }
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return behind ? -offset : offset;
}

}  // namespace

std::optional<WallTime> parse_iso_time(std::string_view text) {
  const auto date = take_date(text);
  const auto clock = date && take(text, "Tt ") ? take_clock(text) : std::nullopt;
  const auto zone = clock ? take_zone(text) : std::nullopt;
  if (!zone || !text.empty()) {
    return std::nullopt;
  }
  return WallTime(date->time_since_epoch()) + *clock - *zone;
}

}  // namespace squall::import
