// Trace context (W3C Trace Context, level 1): which request caused which.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace squall::shop {

// A value. Ids are lower-case hex.
struct Trace {
  std::string trace_id;   // 32 digits
  std::string span_id;    // 16 digits: this program's part
  std::string parent_id;  // 16 digits: the caller's span; empty when the trace begins here
  std::string flags = "01";

  // The header for calls made on behalf of this span.
  [[nodiscard]] std::string traceparent() const;
};

// A new span of the caller's trace; of a new trace when the header is missing or malformed, as the
// standard asks. Any thread.
[[nodiscard]] Trace continue_trace(const std::optional<std::string>& traceparent);

// That many random lower-case hex digits. Any thread.
[[nodiscard]] std::string random_hex(std::size_t digits);
// Evenly from [0, 1). Any thread.
[[nodiscard]] double random_share();

}  // namespace squall::shop
