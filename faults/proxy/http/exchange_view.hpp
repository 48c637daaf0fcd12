// What detectors learn from the head of a request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "faults/proxy/http/http_head.hpp"

namespace squall::faults {

// The first two segments, with "{}" for digits and for what looks like an id; at most 64 bytes,
// printable: "/payments/{}".
[[nodiscard]] std::string route_shape(std::string_view path);

// Hashes of what the request says about its trace; 0 when it says nothing.
struct TraceView {
  std::uint64_t trace = 0;        // traceparent, b3, X-B3-TraceId, X-Request-Id: the first there is
  std::uint64_t caller_span = 0;  // of the first three
};
[[nodiscard]] TraceView trace_of(const HttpHead& request);

// Hash of the request's idempotency key; 0 when it has none. By the first there is of
// Idempotency-Key, X-Idempotency-Key, Request-Idempotency-Key, PayPal-Request-Id and
// Cko-Idempotency-Key.
[[nodiscard]] std::uint64_t key_of(const HttpHead& request);

}  // namespace squall::faults
