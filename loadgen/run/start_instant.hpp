// When all shards of a run begin.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::run {

// A later start is a mistake in the date rather than a wish to wait.
inline constexpr Duration kLongestWait = std::chrono::hours(24);

// "2026-11-28T13:00:00Z" (RFC 3339) or "1764334800" (seconds after the Unix epoch, a fraction
// allowed). kInvalidArgument for anything else and for an instant that is not after `now`, or more
// than kLongestWait after it. Nothing relative: it would be another instant in each process.
[[nodiscard]] Result<WallTime> parse_start(std::string_view text, WallTime now);

// "2026-11-28T13:00:00.000Z".
[[nodiscard]] std::string start_text(WallTime start);

}  // namespace squall::run
