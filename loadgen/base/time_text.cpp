#include "loadgen/base/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace squall {
namespace {

struct CivilTime {
  int year;
  unsigned month;  // 1 to 12
  unsigned day;
  unsigned weekday;  // 0: Sunday
  int hour;
  int minute;
  int second;
  int millisecond;
};

CivilTime civil_time(WallTime when) {
  // By hand: chrono's floor multiplies back and overflows on the first day that nanoseconds can
  // name.
  constexpr std::int64_t kDay = std::chrono::nanoseconds(std::chrono::days(1)).count();
  const std::int64_t count = when.time_since_epoch().count();
  const std::int64_t in_day = (count % kDay + kDay) % kDay;
  const std::int64_t day = count / kDay - (count % kDay < 0 ? 1 : 0);
  const std::chrono::sys_days date(std::chrono::days{day});
  const std::chrono::year_month_day ymd(date);
  const std::int64_t ms = in_day / 1'000'000;
  const auto seconds = static_cast<int>(ms / 1000);
  return {static_cast<int>(ymd.year()),
          static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day()),
          std::chrono::weekday(date).c_encoding(),
          seconds / 3600,
          seconds / 60 % 60,
          seconds % 60,
          static_cast<int>(ms % 1000)};
}

}  // namespace

void append_iso8601(WallTime when, std::string& out) {
  const CivilTime t = civil_time(when);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.year,
                 t.month, t.day, t.hour, t.minute, t.second, t.millisecond);
}

void append_http_date(WallTime when, std::string& out) {
  constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime t = civil_time(when);
  fmt::format_to(std::back_inserter(out), "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                 kWeekdays[t.weekday], t.day, kMonths[t.month - 1], t.year, t.hour, t.minute,
                 t.second);
}

}  // namespace squall
