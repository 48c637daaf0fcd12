#include "faults/proxy/http/exchange_view.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "loadgen/base/hash.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Numbers, UUIDs and hashes; not "v1" or "users2".
bool looks_like_id(std::string_view segment) {
  constexpr std::size_t kShortestMixed = 8;
  const auto digits = std::count_if(segment.begin(), segment.end(), is_digit);
  return digits > 0 &&
         (static_cast<std::size_t>(digits) == segment.size() || segment.size() >= kShortestMixed);
}

// Never 0, which stands for none.
std::uint64_t hash_of(std::string_view text) {
  return std::max<std::uint64_t>(hash_bytes(text), 1);
}

// The parts of "00-<trace>-<span>-01" or "<trace>-<span>-1-<parent>", from `first` on.
TraceView of_parts(std::string_view value, std::size_t first) {
  const std::vector<std::string_view> parts = split(trim(value), '-');
  TraceView result;
  if (parts.size() > first && !parts[first].empty()) {
    result.trace = hash_of(parts[first]);
    if (parts.size() > first + 1 && !parts[first + 1].empty()) {
      result.caller_span = hash_of(parts[first + 1]);
    }
  }
  return result;
}

}  // namespace

std::string route_shape(std::string_view path) {
  constexpr std::size_t kSegments = 2;
  constexpr std::size_t kMaxBytes = 64;
  std::string shape;
  std::size_t count = 0;
  for (const std::string_view segment : split(path, '/')) {
    if (segment.empty()) {
      continue;
    }
    if (++count > kSegments) {
      break;
    }
    shape.append("/").append(looks_like_id(segment) ? "{}" : segment);
  }
  if (shape.empty()) {
    return "/";
  }
  return shape.size() <= kMaxBytes && printable(shape, kMaxBytes) == shape
             ? shape
             : printable(shape, kMaxBytes / 4);  // each byte may become four
}

TraceView trace_of(const HttpHead& request) {
  if (const auto parent = request.find("traceparent")) {
    return of_parts(*parent, 1);
  }
  if (const auto single = request.find("b3")) {
    return of_parts(*single, 0);
  }
  if (const auto trace = request.find("X-B3-TraceId")) {
    const auto span = request.find("X-B3-SpanId");
    return {hash_of(trim(*trace)), span.has_value() ? hash_of(trim(*span)) : 0};
  }
  if (const auto id = request.find("X-Request-Id")) {
    return {hash_of(trim(*id)), 0};
  }
  return {};
}

std::uint64_t key_of(const HttpHead& request) {
  for (const std::string_view name :
       {"Idempotency-Key", "X-Idempotency-Key", "Request-Idempotency-Key", "PayPal-Request-Id",
        "Cko-Idempotency-Key"}) {
    if (const auto key = request.find(name)) {
      return hash_of(trim(*key));
    }
  }
  return 0;
}

}  // namespace squall::faults
