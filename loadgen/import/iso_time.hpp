// Instants as recordings write them: "2023-11-14T22:13:20.123+01:00" (RFC 3339).
#pragma once

#include <optional>
#include <string_view>

#include "loadgen/base/time.hpp"

namespace squall::import {

// Nothing when it is none, or outside of the years 1970 to 2199. Digits of the fraction beyond the
// ninth are dropped; without a zone it is UTC.
[[nodiscard]] std::optional<WallTime> parse_iso_time(std::string_view text);

}  // namespace squall::import
