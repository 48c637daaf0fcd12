#include "loadgen/model/clock_move.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/span_text.hpp"
#include "loadgen/base/time_text.hpp"

namespace squall::model {
namespace {

constexpr std::array<std::pair<std::string_view, ClockBoundary>, 5> kBoundaries{{
    {"midnight", ClockBoundary::kMidnight},
    {"month_end", ClockBoundary::kMonthEnd},
    {"year_end", ClockBoundary::kYearEnd},
    {"leap_day", ClockBoundary::kLeapDay},
    {"32_bits", ClockBoundary::k32Bits},
}};

WallTime at_midnight(std::chrono::sys_days day) {
  return WallTime(day.time_since_epoch());
}

}  // namespace

std::string_view to_string(ClockBoundary value) {
  const auto* const found =
      std::find_if(kBoundaries.begin(), kBoundaries.end(),
                   [value](const auto& entry) { return entry.second == value; });
  return found == kBoundaries.end() ? std::string_view() : found->first;
}

std::optional<ClockBoundary> clock_boundary_from(std::string_view name) {
  const auto* const found = std::find_if(kBoundaries.begin(), kBoundaries.end(),
                                         [name](const auto& entry) { return entry.first == name; });
  return found == kBoundaries.end() ? std::nullopt : std::optional(found->second);
}

WallTime next_boundary(ClockBoundary boundary, WallTime now) {
  using std::chrono::days;
  using std::chrono::month;
  using std::chrono::sys_days;
  using std::chrono::year_month_day;
  const sys_days today(std::chrono::floor<days>(now.time_since_epoch()));
  const year_month_day date(today);
  switch (boundary) {
    case ClockBoundary::kMidnight:
      return at_midnight(today + days(1));
    case ClockBoundary::kMonthEnd:
      return at_midnight(sys_days((date.year() / date.month() + std::chrono::months(1)) / 1));
    case ClockBoundary::kYearEnd:
      return at_midnight(sys_days((date.year() + std::chrono::years(1)) / month(1) / 1));
    case ClockBoundary::kLeapDay:
      for (std::chrono::year year = date.year();; ++year) {
        if (const auto day = year / month(2) / 29; day.ok() && sys_days(day) > today) {
          return at_midnight(sys_days(day));
        }
      }
    case ClockBoundary::k32Bits:
      return WallTime(std::chrono::seconds(std::int64_t{1} << 31));
  }
  return now;
}

std::string ClockMove::text() const {
  const bool behind = offset < Duration::zero();
  const std::string distance = span_text(std::chrono::abs(offset));
  std::string text;
  if (every > Duration::zero()) {
    text = fmt::format("{} {} and back every {}", distance, behind ? "behind" : "ahead",
                       span_text(every));
  } else if (to || boundary) {
    std::string instant;
    if (to) {
      append_iso8601(*to, instant);
    } else {
      instant = std::string(to_string(*boundary));
    }
    text = offset == Duration::zero()
               ? "to " + instant
               : fmt::format("to {} {} {}", distance, behind ? "before" : "after", instant);
  } else if (offset != Duration::zero()) {
    text = fmt::format("{} {}", distance, behind ? "behind" : "ahead");
  }
  if (rate == 0) {
    return text;
  }
  constexpr double kMillion = 1e6;
  return fmt::format(
      "{}{}{}", text, text.empty() ? "" : ", ",
      rate == -1 ? "standing still" : fmt::format("gaining {:g}ppm", rate * kMillion));
}

}  // namespace squall::model
