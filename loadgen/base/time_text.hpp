// Wall instants as text, without locale and without allocating more than the output needs.
#pragma once

#include <string>

#include "loadgen/base/time.hpp"

namespace squall {

// "2023-11-14T22:13:20.000Z" (RFC 3339, UTC, milliseconds rounded down).
void append_iso8601(WallTime when, std::string& out);

// "Tue, 14 Nov 2023 22:13:20 GMT" (IMF-fixdate of RFC 9110, whole seconds rounded down).
void append_http_date(WallTime when, std::string& out);

}  // namespace squall
