// How fast a clock gains, as people write it.
#pragma once

#include <optional>
#include <string>

namespace squall {

// "500ppm", "-200ppm" (parts per million), or time gained in time, "2s/m", "-1ms/1s" (the part
// after the slash may be a unit alone). Seconds gained per second, not zero and at most a day per
// second either way: faster a clock is not adrift. Nothing for anything else.
[[nodiscard]] std::optional<double> parse_clock_rate(const std::string& text);

}  // namespace squall
