#include "loadgen/base/access_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall {
namespace {

constexpr std::string_view kExample =
    "10.0.0.7 - - [14/Nov/2023:22:13:20 +0000] \"GET / HTTP/1.1\" 200 512";

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Wall instants are 64-bit nanoseconds; logs of other centuries are damaged ones.
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2199;

constexpr std::size_t kMaxMethod = 32;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr int hex_digit(char c) {
  return is_digit(c)            ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// Reads the line from left to right; remembers where.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void skip(std::size_t count) { at_ += count; }

  bool take(char c) {
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  // Exactly `digits` digits with a value from `low` to `high`.
  std::optional<int> number(std::size_t digits, int low, int high) {
    if (text_.size() - at_ < digits) {
      return std::nullopt;
    }
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(text_[at_ + i])) {
        return std::nullopt;
      }
      value = value * 10 + (text_[at_ + i] - '0');
    }
    if (value < low || value > high) {
      return std::nullopt;
    }
    at_ += digits;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<unsigned> take_month(Cursor& cursor) {
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (cursor.rest().starts_with(kMonths[i])) {
      cursor.skip(kMonths[i].size());
      return i + 1;
    }
  }
  return std::nullopt;
}

std::optional<std::chrono::sys_days> take_date(Cursor& cursor) {
  const auto day = cursor.number(2, 1, 31);
  if (!day || !cursor.take('/')) {
    return std::nullopt;
  }
  const auto month = take_month(cursor);
  if (!month || !cursor.take('/')) {
    return std::nullopt;
  }
  const auto year = cursor.number(4, kFirstYear, kLastYear);
  if (!year) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{*month},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

// ".123456" behind the seconds; nanoseconds, further digits are dropped.
std::optional<Duration> take_fraction(Cursor& cursor) {
  constexpr int kDigits = 9;
  if (!cursor.take('.')) {
    return Duration::zero();
  }
  std::int64_t value = 0;
  int digits = 0;
  while (!cursor.rest().empty() && is_digit(cursor.rest().front())) {
    if (digits < kDigits) {
      value = value * 10 + (cursor.rest().front() - '0');
      ++digits;
    }
    cursor.skip(1);
  }
  if (digits == 0) {
    return std::nullopt;
  }
  for (; digits < kDigits; ++digits) {
    value *= 10;
  }
  return Duration(value);
}

std::optional<Duration> take_clock(Cursor& cursor) {
  const auto hour = cursor.number(2, 0, 23);
  if (!hour || !cursor.take(':')) {
    return std::nullopt;
  }
  const auto minute = cursor.number(2, 0, 59);
  if (!minute || !cursor.take(':')) {
    return std::nullopt;
  }
  const auto second = cursor.number(2, 0, 60);  // 60: a leap second
  const auto fraction = second ? take_fraction(cursor) : std::nullopt;
  if (!fraction) {
    return std::nullopt;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         *fraction;
}

// "+0130": what local time is ahead of UTC.
std::optional<Duration> take_zone(Cursor& cursor) {
  const bool behind = cursor.take('-');
  if (!behind && !cursor.take('+')) {
    return std::nullopt;
  }
  const auto hours = cursor.number(2, 0, 23);
  const auto minutes = hours ? cursor.number(2, 0, 59) : std::nullopt;
  if (!minutes) {
    return std::nullopt;
  }
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return behind ? -offset : offset;
}

// "[14/Nov/2023:22:13:20 +0000]"
std::optional<WallTime> take_time(Cursor& cursor) {
  if (!cursor.take('[')) {
    return std::nullopt;
  }
  const auto date = take_date(cursor);
  if (!date || !cursor.take(':')) {
    return std::nullopt;
  }
  const auto clock = take_clock(cursor);
  if (!clock || !cursor.take(' ')) {
    return std::nullopt;
  }
  const auto zone = take_zone(cursor);
  if (!zone || !cursor.take(']')) {
    return std::nullopt;
  }
  return WallTime(date->time_since_epoch()) + *clock - *zone;
}

// What stands between quotes; a quote inside it is escaped by the server.
std::optional<std::string_view> take_quoted(Cursor& cursor) {
  if (!cursor.take('"')) {
    return std::nullopt;
  }
  const std::string_view rest = cursor.rest();
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == '"') {
      cursor.skip(i + 1);
      return rest.substr(0, i);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> take_integer(Cursor& cursor) {
  const std::string_view rest = cursor.rest();
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (code != std::errc()) {
    return std::nullopt;
  }
  cursor.skip(static_cast<std::size_t>(end - rest.data()));
  return value;
}

// Fields end at a blank or at the end of the line.
bool take_end_of_field(Cursor& cursor) {
  return cursor.rest().empty() || cursor.take(' ');
}

// RFC 9110 §5.6.2; short, so that garbage of one word is none.
bool is_method(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && text.size() <= kMaxMethod &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
                  kMarks.find(c) != std::string_view::npos;
         });
}

// "GET /path HTTP/1.1", also without the version (HTTP/0.9).
void split_request(AccessLogLine& line) {
  const std::size_t method_end = line.request.find(' ');
  if (method_end == std::string_view::npos || !is_method(line.request.substr(0, method_end))) {
    return;
  }
  std::string_view target = line.request.substr(method_end + 1);
  if (const std::size_t version = target.rfind(" HTTP/"); version != std::string_view::npos) {
    target = target.substr(0, version);
  }
  if (target.empty() || target.find(' ') != std::string_view::npos) {
    return;
  }
  line.method = line.request.substr(0, method_end);
  line.target = target;
}

tl::unexpected<Error> malformed(std::string_view what, std::size_t at) {
  return fail(Error{ErrorCode::kMalformed,
                    fmt::format("{}; a line of an access log is for example {}", what, kExample),
                    SourceRef{{}, 0, static_cast<unsigned>(at + 1)}});
}

// The first word, or the second when a virtual host stands before the client: then there are four
// words before the time. Users' names may hold blanks, but then the word before them is the "-" of
// an identity that nobody knows.
std::string_view client_of(std::string_view before_time) {
  const std::string_view words = trim(before_time);
  const std::size_t first_end = std::min(words.find(' '), words.size());
  const std::string_view first = words.substr(0, first_end);
  const std::string_view rest = trim(words.substr(first_end));
  const std::size_t second_end = std::min(rest.find(' '), rest.size());
  const std::string_view second = rest.substr(0, second_end);
  const bool four_words = trim(rest.substr(second_end)).find(' ') != std::string_view::npos;
  return four_words && second != "-" ? second : first;
}

// Where "[14/Nov/…" begins: users' names may hold brackets too.
std::optional<std::size_t> find_time(std::string_view line) {
  for (std::size_t at = line.find(" ["); at != std::string_view::npos;
       at = line.find(" [", at + 1)) {
    const std::string_view rest = line.substr(at + 2);
    if (rest.size() > 3 && is_digit(rest[0]) && is_digit(rest[1]) && rest[2] == '/') {
      return at + 1;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<AccessLogLine> parse_access_log_line(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.size() > kMaxAccessLogLine) {
    return malformed(fmt::format("the line has more than {} bytes", kMaxAccessLogLine), 0);
  }
  const auto time_at = find_time(line);
  if (!time_at || trim(line.substr(0, *time_at)).empty()) {
    return malformed("there is no time in brackets behind the client's address", 0);
  }
  AccessLogLine parsed;
  parsed.client = client_of(line.substr(0, *time_at));
  Cursor cursor(line);
  cursor.skip(*time_at);
  const auto time = take_time(cursor);
  if (!time) {
    return malformed("this is no time", cursor.at());
  }
  parsed.time = *time;
  const auto request = cursor.take(' ') ? take_quoted(cursor) : std::nullopt;
  if (!request) {
    return malformed("there is no request in quotes behind the time", cursor.at());
  }
  parsed.request = *request;
  split_request(parsed);
  const auto status = cursor.take(' ') ? cursor.number(3, 100, 999) : std::nullopt;
  if (!status || !take_end_of_field(cursor)) {
    return malformed("there is no status behind the request", cursor.at());
  }
  parsed.status = *status;
  if (!cursor.take('-')) {
    parsed.bytes = take_integer(cursor);
    if (!parsed.bytes) {
      return malformed("there is no size (a number or \"-\") behind the status", cursor.at());
    }
  }
  if (!take_end_of_field(cursor)) {
    return malformed("the size is followed by something else than a blank", cursor.at());
  }
  return parsed;
}

std::string unescape_access_log(std::string_view text) {
  constexpr std::string_view kNames = "\"\\ntrbfv";
  constexpr std::string_view kMeanings = "\"\\\n\t\r\b\f\v";
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char next = text[i + 1];
    const std::size_t named = kNames.find(next);
    if (named != std::string_view::npos) {
      plain += kMeanings[named];
      ++i;
    } else if (next == 'x' && i + 3 < text.size() && hex_digit(text[i + 2]) >= 0 &&
               hex_digit(text[i + 3]) >= 0) {
      plain += static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
      i += 3;
    } else {
      plain += '\\';
    }
  }
  return plain;
}

}  // namespace squall
