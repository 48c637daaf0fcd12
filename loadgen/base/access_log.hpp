// Lines of web servers' access logs in the common and the combined format:
//   10.0.0.7 - alice [14/Nov/2023:22:13:20 +0000] "GET /items?page=2 HTTP/1.1" 200 512 "referer"
//   "agent"
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall {

// One line. Views into the text that it was parsed from, still escaped as the server wrote it.
struct AccessLogLine {
  WallTime time;                       // to the second, or finer where the log has a fraction
  std::string_view client;             // address or name; what stands before it is not kept
  std::string_view request;            // all between the quotes: "GET / HTTP/1.1", "-", garbage
  std::string_view method;             // empty, like target, when `request` is no HTTP request
  std::string_view target;             // path with query, as a rule
  int status = 0;                      // 100 to 999
  std::optional<std::uint64_t> bytes;  // of the answer; none for "-"
};

// Longer lines are malformed.
inline constexpr std::size_t kMaxAccessLogLine = 64UL * 1024;

// `line` without its line break (a carriage return at its end is ignored). On a line of another
// format: kMalformed with the column from 1 in `where.column` and no file. A virtual host before
// the client (Apache's vhost_combined), and further fields at the end are allowed. A request that
// is no HTTP request is no error: servers log what attackers and TLS clients send. Pure; allocates
// on failure only.
[[nodiscard]] Result<AccessLogLine> parse_access_log_line(std::string_view line);

// Undoes the escapes that servers use in quoted fields: \" \\ \n \t \r \b \f \v and \xHH; others
// stay as they are.
[[nodiscard]] std::string unescape_access_log(std::string_view text);

}  // namespace squall
