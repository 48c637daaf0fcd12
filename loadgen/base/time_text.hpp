// Wall instants as text, without locale and without allocating more than the output needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/time.hpp"

namespace squall {

// "2023-11-14T22:13:20.000Z" (RFC 3339, UTC, milliseconds rounded down).
void append_iso8601(WallTime when, std::string& out);

// The instant that a date of RFC 3339 names: "2023-11-14T22:13:20Z", "2023-11-14
// 23:13:20.25+01:00". The whole text; digits of the fraction beyond the ninth are dropped; a leap
// second is the one after it. Nothing for anything else, and for years before 1970 and after 2199.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

// "Tue, 14 Nov 2023 22:13:20 GMT" (IMF-fixdate of RFC 9110, whole seconds rounded down).
void append_http_date(WallTime when, std::string& out);

// As strftime writes it in UTC and the C locale, for example "%Y-%m-%d".
// REQUIRES: is_strftime_format(format). Times outside of the years 1677 to 2262 cannot be given.
void append_strftime(WallTime when, const std::string& format, std::string& out);
// At most 64 bytes, without NUL, each % followed by one of strftime's letters (of ISO C, apart from
// the modifiers E and O), so that the text stays short.
[[nodiscard]] bool is_strftime_format(std::string_view format);

}  // namespace squall
