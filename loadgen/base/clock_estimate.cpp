#include "loadgen/base/clock_estimate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"

namespace squall {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::size_t kLength = 29;  // "Tue, 14 Nov 2023 22:13:20 GMT"
  if (text.size() != kLength || text.substr(26) != "GMT") {
    return std::nullopt;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) {
    return std::nullopt;
  }
  // By way of the format that is read anyway; a weekday that does not fit shows in the comparison.
  const std::string same =
      fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month - kMonths.begin() + 1,
                  text.substr(5, 2), text.substr(17, 8));
  const auto when = parse_rfc3339(same);
  std::string written;
  if (when) {
    append_http_date(*when, written);
  }
  return written == text ? when : std::nullopt;
}

std::optional<WallTime> date_of(std::string_view response) {
  const std::string_view head = response.substr(0, response.find("\r\n\r\n"));
  for (const std::string_view line : split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), "date")) {
      return parse_http_date(trim(line.substr(colon + 1)));
    }
  }
  return std::nullopt;
}

void ClockEstimate::add(WallTime date, WallTime asked, WallTime answered) {
  ++answers_;
  least_ = std::max(least_, date - answered);
  most_ = std::min(most_, date + std::chrono::seconds(1) - asked);
}

std::string ClockEstimate::text() const {
  if (!is_known()) {
    return is_unsteady() ? "not known: its answers contradict each other" : "not known";
  }
  const double middle = to_seconds(least_ + (most_ - least_) / 2);
  const double doubt = to_seconds(most_ - least_) / 2;
  if (std::abs(middle) <= doubt) {
    return fmt::format("the same (±{:.2f}s)", doubt);
  }
  return fmt::format("{:.1f}s {} (±{:.2f}s)", std::abs(middle), middle < 0 ? "behind" : "ahead",
                     doubt);
}

}  // namespace squall
