// Paces as people write them: "2KiB/s".
#pragma once

#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall {

// Bytes per second of "512/s", "2KiB/s", "1KiB/m" or "64KB/100ms": bytes, and the time they take,
// which may be a unit alone. Above zero. kInvalidArgument with an example for anything else.
[[nodiscard]] Result<double> parse_byte_rate(std::string_view text);

}  // namespace squall
