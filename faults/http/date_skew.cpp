// The upstream's clock seems to be off: every date of an answer is moved.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "faults/http/keys.hpp"
#include "loadgen/base/time_text.hpp"

namespace squall::faults {
namespace {

using std::chrono::seconds;

// The three forms that HTTP knows, and the one that old cookies have.
std::optional<std::time_t> parse_date(const std::string& text) {
  for (const char* const form : {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%Y %H:%M:%S GMT",
                                 "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* const end = strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') {
      return timegm(&parts);
    }
  }
  return std::nullopt;
}

// Nothing when it is no date, or would leave the years that can be written.
std::optional<std::string> moved_date(const std::string& text, std::int64_t by) {
  constexpr std::int64_t kLast = 7'258'118'400;  // the year 2200; instants have 64 bits of ns
  const auto date = parse_date(text);
  if (!date.has_value()) {
    return std::nullopt;
  }
  const std::int64_t moved = std::clamp<std::int64_t>(*date + by, 0, kLast);
  std::string out;
  append_http_date(WallTime(seconds(moved)), out);
  return out;
}

std::optional<std::string> moved_seconds(std::string_view text, std::int64_t by) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  if (error != std::errc() || end != text.data() + text.size() || value > kMost) {
    return std::nullopt;
  }
  return std::to_string(std::max<std::int64_t>(value + by, 0));
}

std::optional<std::string> moved_cookie(std::string_view value, std::int64_t by) {
  constexpr std::string_view kExpires = "expires=";
  std::size_t at = 0;
  while ((at = value.find(';', at)) != std::string_view::npos) {
    ++at;
    const std::size_t name = std::min(value.find_first_not_of(' ', at), value.size());
    if (!equals_ignoring_case(value.substr(name, kExpires.size()), kExpires)) {
      continue;
    }
    const std::size_t begin = name + kExpires.size();
    const std::size_t end = std::min(value.find(';', begin), value.size());
    const auto date = moved_date(std::string(trim(value.substr(begin, end - begin))), by);
    if (!date.has_value()) {
      return std::nullopt;
    }
    return std::string(value.substr(0, begin)) + *date + std::string(value.substr(end));
  }
  return std::nullopt;
}

class DateSkew final : public HttpFault {
 public:
  explicit DateSkew(Duration by) : by_(by / seconds(1)) {}

  void on_answer(HttpAnswerTurn& turn) override {
    const auto& fields = turn.head().fields();
    bool any = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (const auto value = moved(fields[i].name, fields[i].value)) {
        turn.change_head().set_value(i, *value);
        any = true;
      }
    }
    if (!any) {
      turn.preempt("the answer has no date");
    }
  }

 private:
  [[nodiscard]] std::optional<std::string> moved(std::string_view name,
                                                 const std::string& value) const {
    constexpr std::array<std::string_view, 3> kDates{"Date", "Expires", "Last-Modified"};
    for (const std::string_view date : kDates) {
      if (equals_ignoring_case(name, date)) {
        return moved_date(value, by_);
      }
    }
    if (equals_ignoring_case(name, "Age")) {
      return moved_seconds(value, by_);
    }
    if (equals_ignoring_case(name, "Retry-After")) {
      const auto date = moved_date(value, by_);
      return date.has_value() ? date : moved_seconds(value, by_);
    }
    return equals_ignoring_case(name, "Set-Cookie") ? moved_cookie(value, by_) : std::nullopt;
  }

  const std::int64_t by_;
};

const expr::TableSpec& attributes() {
  static const expr::TableSpec kAttributes = http_attributes(
      {.name = "toxic (http_date_skew)",
       .help = "Moves the dates of answers as if the upstream's clock were off: Date, Expires, "
               "Last-Modified, Retry-After, the expiry of cookies; Age and Retry-After in seconds "
               "grow or shrink by the same, not below 0.",
       .keys = {{.name = "by",
                 .type = expr::ValueType::kDuration,
                 .help = "how far; whole seconds",
                 .default_value = "1h"},
                {.name = "towards",
                 .type = expr::ValueType::kString,
                 .help = "into which direction the upstream's clock is off",
                 .default_value = "future",
                 .choices = {"future", "past"}}}});
  return kAttributes;
}

std::unique_ptr<HttpFault> compile(expr::TableReader& reader) {
  const Duration by = reader.duration("by");
  if (by % seconds(1) != Duration::zero()) {
    reader.error("by", "by: dates of HTTP have whole seconds; an example: \"90s\"");
  }
  return std::make_unique<DateSkew>(reader.string("towards") == "past" ? -by : by);
}

}  // namespace

void register_http_fault_date_skew(ToxicRegistry& registry);

void register_http_fault_date_skew(ToxicRegistry& registry) {
  registry.add({.name = "http_date_skew",
                .summary = "move the dates of answers",
                .production_cause = "a server whose clock is off, a cache that lies about age",
                .example = "by = \"1h\"\ntowards = \"past\"\n",
                .attributes = &attributes(),
                .compile_http = compile});
}

}  // namespace squall::faults
