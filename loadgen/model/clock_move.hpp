// What an action does to the wall clock of a service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"

namespace squall::model {

// Instants at which software that counts in days, months or 32 bits goes wrong; UTC.
enum class ClockBoundary : std::uint8_t {
  kMidnight,  // the next 00:00
  kMonthEnd,  // the next first of a month, 00:00
  kYearEnd,   // the next first of January, 00:00
  kLeapDay,   // the next 29 February, 00:00
  k32Bits,    // 2038-01-19 03:14:08: seconds since 1970 no longer fit 31 bits
};
[[nodiscard]] std::string_view to_string(ClockBoundary value);  // "midnight", "month_end", …
[[nodiscard]] std::optional<ClockBoundary> clock_boundary_from(std::string_view name);
// The first one after `now`; that of 32 bits whenever it is.
[[nodiscard]] WallTime next_boundary(ClockBoundary boundary, WallTime now);

// All of it at once: first the clock jumps to `to` or `boundary`, then by `offset`, then it goes on
// at its rate. A value.
struct ClockMove {
  Duration offset{};
  std::optional<WallTime> to = {};
  std::optional<ClockBoundary> boundary = {};
  double rate = 0;   // seconds gained per second; -1: it stands still
  Duration every{};  // above zero: `offset` is jumped there and back, again after each of these

  // "1h ahead", "to 2s before midnight", "gaining 500ppm", "standing still".
  [[nodiscard]] std::string text() const;
};

}  // namespace squall::model
