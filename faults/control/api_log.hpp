// What the stand-alone proxy says while it works.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace squall::faults {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff };

// "trace", "debug", "info", "warn", "error", "disabled" in any case, and Toxiproxy's "fatal" and
// "panic", above which nothing is said here.
[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view text);
[[nodiscard]] std::string_view to_string(LogLevel level);

// Takes one line without its end; called from any thread, must not throw. Text of outsiders in it
// is printable.
using ApiLog = std::function<void(LogLevel, const std::string&)>;

}  // namespace squall::faults
