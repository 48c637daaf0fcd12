#include "faults/control/api_log.hpp"

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {

std::optional<LogLevel> parse_log_level(std::string_view text) {
  const std::string word = to_lower(text);
  for (const LogLevel level : {LogLevel::kTrace, LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn,
                               LogLevel::kError, LogLevel::kOff}) {
    if (word == to_string(level)) {
      return level;
    }
  }
  return word == "fatal" || word == "panic" ? std::optional(LogLevel::kOff) : std::nullopt;
}

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return "trace";
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "disabled";
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::faults
