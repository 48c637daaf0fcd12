#include "loadgen/base/time_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string_view>

namespace squall {
namespace {

struct CivilTime {
  int year;
  int month;  // 1 to 12
  int day;
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
          static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day())),
          std::chrono::weekday(date).c_encoding(),
          seconds / 3600,
          seconds / 60 % 60,
          seconds % 60,
          static_cast<int>(ms % 1000)};
}

// Decimal digits with leading zeros; a general formatter takes ten times as long, and templates
// write dates per request.
template <std::size_t Width>
void put_number(char*& out, int number) {
  for (std::size_t i = Width; i > 0; --i) {
    out[i - 1] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  out += Width;
}

void put_text(char*& out, std::string_view text) {
  out = std::copy(text.begin(), text.end(), out);
}

void put_clock(char*& out, const CivilTime& t) {
  put_number<2>(out, t.hour);
  *out++ = ':';
  put_number<2>(out, t.minute);
  *out++ = ':';
  put_number<2>(out, t.second);
}

// Reads fixed fields from left to right.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) {
      return false;
    }
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] char taken() const { return taken_; }

  bool number(std::size_t digits, int low, int high, int& out) {
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!take("0123456789")) {
        return false;
      }
      out = out * 10 + (taken_ - '0');
    }
    return out >= low && out <= high;
  }

  // Digits behind a decimal point, as nanoseconds.
  bool fraction(std::int64_t& out) {
    constexpr std::int64_t kTenth = 100'000'000;
    bool any = false;
    for (std::int64_t worth = kTenth; take("0123456789"); worth /= 10) {
      any = true;
      out += worth * (taken_ - '0');
    }
    return any;
  }

 private:
  std::string_view rest_;
  char taken_ = 0;
};

// "Z", "+01:30": what local time is ahead of UTC.
std::optional<Duration> take_zone(FieldReader& reader) {
  if (reader.take("Zz")) {
    return Duration::zero();
  }
  int hours = 0;
  int minutes = 0;
  if (!reader.take("+-")) {
    return std::nullopt;
  }
  const bool behind = reader.taken() == '-';
  if (!reader.number(2, 0, 23, hours) || !reader.take(":") || !reader.number(2, 0, 59, minutes)) {
    return std::nullopt;
  }
  const Duration ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return behind ? -ahead : ahead;
}

}  // namespace

void append_iso8601(WallTime when, std::string& out) {
  const CivilTime t = civil_time(when);
  std::array<char, 32> text;
  char* end = text.data();
  put_number<4>(end, t.year);
  *end++ = '-';
  put_number<2>(end, t.month);
  *end++ = '-';
  put_number<2>(end, t.day);
  *end++ = 'T';
  put_clock(end, t);
  *end++ = '.';
  put_number<3>(end, t.millisecond);
  *end++ = 'Z';
  out.append(text.data(), end);
}

void append_http_date(WallTime when, std::string& out) {
  constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime t = civil_time(when);
  std::array<char, 32> text;
  char* end = text.data();
  put_text(end, kWeekdays[t.weekday]);
  put_text(end, ", ");
  put_number<2>(end, t.day);
  *end++ = ' ';
  put_text(end, kMonths[static_cast<std::size_t>(t.month) - 1]);
  *end++ = ' ';
  put_number<4>(end, t.year);
  *end++ = ' ';
  put_clock(end, t);
  put_text(end, " GMT");
  out.append(text.data(), end);
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  constexpr int kFirstYear = 1970;
  constexpr int kLastYear = 2199;
  FieldReader reader(text);
  CivilTime t{};
  std::int64_t nanoseconds = 0;
  const bool fits =
      reader.number(4, kFirstYear, kLastYear, t.year) && reader.take("-") &&
      reader.number(2, 1, 12, t.month) && reader.take("-") && reader.number(2, 1, 31, t.day) &&
      reader.take("Tt ") && reader.number(2, 0, 23, t.hour) && reader.take(":") &&
      reader.number(2, 0, 59, t.minute) && reader.take(":") && reader.number(2, 0, 60, t.second) &&
      (!reader.take(".") || reader.fraction(nanoseconds));
  const std::chrono::year_month_day date{std::chrono::year{t.year},
                                         std::chrono::month{static_cast<unsigned>(t.month)},
                                         std::chrono::day{static_cast<unsigned>(t.day)}};
  const auto ahead = fits && date.ok() ? take_zone(reader) : std::nullopt;
  if (!ahead || !reader.at_end()) {
    return std::nullopt;
  }
  return WallTime(std::chrono::sys_days(date).time_since_epoch()) + std::chrono::hours(t.hour) +
         std::chrono::minutes(t.minute) + std::chrono::seconds(t.second) + Duration(nanoseconds) -
         *ahead;
}

bool is_strftime_format(std::string_view format) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kLetters = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
  if (format.empty() || format.size() > kLongest || format.find('\0') != std::string_view::npos) {
    return false;
  }
  for (std::size_t at = format.find('%'); at != std::string_view::npos;
       at = format.find('%', at + 2)) {
    if (at + 1 == format.size() || kLetters.find(format[at + 1]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

void append_strftime(WallTime when, const std::string& format, std::string& out) {
  constexpr std::size_t kLongestLetter = 32;  // %c: "Thu Jan  1 00:00:00 1970"
  const auto seconds = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64 / 2 * kLongestLetter> text;
  // The format is a plan's, and was looked at when the plan was read.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  out.append(text.data(), std::strftime(text.data(), text.size(), format.c_str(), &parts));
#pragma GCC diagnostic pop
}

}  // namespace squall
