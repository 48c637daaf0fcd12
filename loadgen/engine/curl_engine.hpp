// HTTP through libcurl's multi interface on the worker's loop: HTTP/2, proxies, authentication,
// cookies and the rest of what curl does.
//
//   submit() ─► waiting (FIFO) ─► pooled easy handle ─► libcurl ─► take_completed()
//
// The functions are those of NativeEngine; what they promise holds here too, with these
// differences:
//
// - At most `connections` sockets; on HTTP/2 each carries up to the target's max_streams exchanges,
//   and further connections are opened one at a time, when all that are there are full. (While a
//   name has addresses of both families, libcurl may try one of each for a moment.)
// - An exchange waits here, first come, first served, never in libcurl's own list, so its queue
//   span is what it says. First byte written is the instant before libcurl writes the request.
// - libcurl repeats a request on a new connection when the one that it had reused broke before a
//   byte of the answer came, whether the peer had executed it or not. An exchange marked `once`
//   is stopped there and ends as kReset (counted: resends_prevented); for others the repetition is
//   counted (resends). A connection that broke before a byte was written is replaced, as on the
//   native engine (closed_before_send).
// - Of wire scripts only holds before connecting and before the first byte are done, both before
//   the exchange asks for a connection; and a barrier, when the request has a body: libcurl is kept
//   from its last byte. See why_not_on() in model/engine_abilities.hpp.
// - connection_id is the local port. request_sent is not known.
// - Answers' bodies are decoded; bytes_received counts them as they came over the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"

namespace squall::net {
class Loop;
}

namespace squall::engine {

class CurlCore;

// Owns its connections and handles; borrows `loop` and `plan`, which must outlive it. Worker thread
// only. Names are resolved when they are needed, by libcurl's threads.
class CurlEngine {
 public:
  struct Options {
    unsigned connections = 64;  // sockets of this worker on this engine, all targets together
  };
  CurlEngine(net::Loop& loop, const model::Plan& plan, Options options);
  ~CurlEngine();
  CurlEngine(const CurlEngine&) = delete;
  CurlEngine& operator=(const CurlEngine&) = delete;

  void submit(Exchange& exchange, TimePoint now);
  void take_completed(std::vector<Exchange*>& out);
  void abandon_all(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  void on_time(TimePoint now);
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::size_t in_flight() const;
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] EngineCounters take_counters();
  // Exchange::user does not come back: its cookies are forgotten.
  void forget_user(std::uint64_t user);

 private:
  std::unique_ptr<CurlCore> core_;
};

}  // namespace squall::engine
