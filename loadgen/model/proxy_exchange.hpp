// What a proxy with mode = "http" saw of one request and its answer: what detectors know of the
// calls between a target and its dependencies. faults/proxy writes it, runs collect it
// (ProxyServer::take_exchanges), records and detectors read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::model {

// A value; noted when the exchange is over: answered to the last byte, or given up by one of the
// sides. Exchanges of a proxy come in the order in which they end, not in which they began.
struct ProxyExchange {
  // Of one more request that a duplicate fault has sent.
  struct Copy {
    int status = 0;       // that the upstream answered; 0: none
    Duration answered{};  // since `began`: when its answer was whole, or when it was given up
  };

  std::string proxy;          // by name
  std::uint64_t ordinal = 0;  // in the order of the requests that this proxy has read, from 0
  std::uint64_t link = 0;     // accept ordinal of the connection at this proxy
  TimePoint began;            // monotonic: the first byte of the request was read
  // Since `began`, of the final answer as it left for the client, whoever wrote it, before toxics
  // of the link. Absent when there was none, or when it was cut before its end.
  std::optional<Duration> first_byte = {};
  std::optional<Duration> last_byte = {};
  Duration ended{};  // since `began`: the exchange was over
  // The caller had closed its side before the answer's end left for it: it did not wait. One that
  // closes only its own direction, and reads on, looks the same.
  bool caller_left = false;

  std::string method;
  // Without query; at most two segments, digits and what looks like an id replaced by "{}":
  // "/payments/{}". At most 64 bytes.
  std::string path;
  int status = 0;  // that the client was sent; 0: none

  bool asked = false;       // a byte of the request went to the upstream
  int upstream_status = 0;  // that it answered to the request itself; 0: none
  bool executed = false;    // the upstream's answer has come to its end: what was asked for is done
  // Names of the toxics that fired on it, in order.
  std::vector<std::string> faults = {};
  std::vector<Copy> copies = {};

  // Hashes; 0: the request names none. Equal trace: the same inbound operation, by `traceparent`,
  // `b3`, `X-B3-TraceId` or `X-Request-Id`, the first of them that is there.
  std::uint64_t trace = 0;
  // Of the caller's span (parent-id of `traceparent`, span id of `b3`): all calls that one span of
  // the caller makes have the same.
  std::uint64_t caller_span = 0;
  // Equal key: the same operation, as the caller names it, by `Idempotency-Key` or the headers that
  // providers of payments use in its place.
  std::uint64_t key = 0;

  // Requests that came to the upstream because of this one.
  [[nodiscard]] std::uint64_t upstream_calls() const { return (asked ? 1 : 0) + copies.size(); }
};

// What has come together since the last time.
struct TakenExchanges {
  std::vector<ProxyExchange> exchanges;
  std::uint64_t lost = 0;  // more came than were kept
};

}  // namespace squall::model
