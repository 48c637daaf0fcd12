// The ids under which an operation stands in a tracing backend (W3C Trace Context).
//
// The trace is the operation's key without its dashes, so whoever has the key finds it; the span
// of the operation is a hash of the trace. Both are the same for all its attempts and copies:
// their requests name that span as parent-id, so what the target does for them becomes children of
// the operation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "loadgen/base/hash.hpp"

namespace squall {

inline constexpr std::size_t kTraceIdDigits = 32;

// Ids of zeros only are invalid.
[[nodiscard]] constexpr std::uint64_t valid_trace_bits(std::uint64_t bits) {
  return bits == 0 ? 1 : bits;
}

// 16 lower-case hexadecimal digits.
inline void append_hex64(std::uint64_t bits, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) {
    out += kDigits[(bits >> shift) & 0xf];
  }
}

// Appends the trace id of the operation with that key. False, and nothing is appended, when it is
// no operation's key.
inline bool append_trace_id(std::string_view key, std::string& out) {
  const std::size_t from = out.size();
  std::copy_if(key.begin(), key.end(), std::back_inserter(out), [](char c) { return c != '-'; });
  if (out.size() - from != kTraceIdDigits) {
    out.resize(from);
    return false;
  }
  return true;
}

// The id of the operation's span, what its requests name as parent-id: append_hex64() writes it.
[[nodiscard]] inline std::uint64_t span_bits(std::string_view trace_id) {
  return valid_trace_bits(hash_bytes(trace_id));
}

}  // namespace squall
