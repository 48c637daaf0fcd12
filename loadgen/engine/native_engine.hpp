// HTTP/1.1 over libuv TCP streams: the fast lane, and the engine that can be cruel on the wire.
//
//   submit() ─► waiting (FIFO) ─► pooled or new connection ─► script: holds, segments, barrier, cut ─► answer ─► take_completed()
//
// - At most `connections` sockets. An exchange without one waits; waiting ends only by a connection, abandon() or its
//   timeout after it got one. (The attempt's timeout counts from taken_up; waiting longer than that is allowed: an arrival
//   waits as long as the run lasts, and its timeout starts when it gets a connection.)
// - A request is never sent twice. A pooled connection is checked for readability before use: end of file or bytes there mean
//   that it was closed before send (another one is taken, counted) or that the peer speaks out of turn (closed, counted).
// - Idle connections older than the target's idle limit are closed, not used.
// - 1xx answers are read over (at most 32 in a row), HEAD and 204/304 have no body, chunked and content-length bodies are of any
//   size, "Connection: close" and HTTP/1.0 close. Garbage is kMalformed, a header above max_header kOversized, bytes
//   after a complete answer close the connection.
// - kAfterSend cuts wait until the kernel has delivered every byte (SIOCOUTQ = 0). RST by SO_LINGER 0, FIN by close.
// - Barrier copies get warm connections: opened and proven writable before the first byte is sent; their last bytes leave in one
//   loop turn when the last of them is there (or has failed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"

namespace squall::net {
class Loop;
}

namespace squall::engine {

// Owns its connections; borrows `loop` and `plan`, which must outlive it. Worker thread only. No allocation per plain request
// once warm: connections, buffers and lists are reused.
class NativeEngine {
 public:
  struct Options {
    unsigned connections = 64;  // sockets of this worker, all targets together
  };
  NativeEngine(net::Loop& loop, const model::Plan& plan, Options options);
  // Closes every connection; exchanges that are still lent are forgotten, their memory is not touched again.
  ~NativeEngine();
  NativeEngine(const NativeEngine&) = delete;
  NativeEngine& operator=(const NativeEngine&) = delete;

  // Starts an exchange or queues it. Never completes it before it returns. Sets exchange.taken_up to `now`.
  void submit(Exchange& exchange, TimePoint now);
  // Exchanges that ended since the last call, in order of their end. The vector's content is swapped into `out` (cleared first).
  void take_completed(std::vector<Exchange*>& out);
  // Ends everything that is lent: waiting ones come back as kDropped (nothing sent), the others as kTimeout.
  void abandon_all(TimePoint now);

  // The next instant at which something must happen (timeouts, holds, delays); nothing when there is none. The worker
  // arms its timer for it and calls on_time() when it has come.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  void on_time(TimePoint now);

  [[nodiscard]] std::size_t waiting() const;      // exchanges without a connection
  [[nodiscard]] std::size_t in_flight() const;    // lent exchanges, waiting included
  [[nodiscard]] std::size_t connections() const;  // open sockets
  // Counters since the last call.
  [[nodiscard]] EngineCounters take_counters();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::engine
