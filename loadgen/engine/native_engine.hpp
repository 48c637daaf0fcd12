// HTTP/1.1 over libuv TCP or TLS streams: the fast lane, and the engine that can be cruel on the
// wire.
//
//   submit() ─► waiting (FIFO) ─► pooled or new connection ─► script: holds, segments, barrier, cut
//   ─► answer ─► take_completed()
//
// - At most `connections` sockets. An exchange without one waits, first come, first served, as long
// as it takes; its timeout
//   starts when it has a connection or begins to connect, and goes on when that connection was
//   closed before it was used. A hold before connecting counts against the timeout.
// - A request is never sent twice. Idle connections are read all the time, and one that has rested
// for more than 1 ms, or that is for an exchange with `once`, is looked at before use: end
//   of file or an error there means that it was closed before send (another one is taken, counted),
//   bytes mean that the peer speaks out of turn (closed, counted). The newest idle connection is
//   taken first, so that the others age.
// - Idle connections older than the target's idle limit are closed, not used. When there is no room
// for a new connection, the
//   one that has been idle for longest, of whatever target, is closed.
// - 1xx answers are read over (at most 32 in a row), HEAD and 204/304 have no body, chunked and
// content-length bodies are of any
//   size, "Connection: close" and HTTP/1.0 close. Garbage is kMalformed, a header above max_header
//   kOversized, bytes after a complete answer close the connection.
// - An answer that is complete before the request is out ends the exchange, holds and barrier
// included, and the connection.
// - A reset before the first byte of a request on a new connection is kRefused, as nothing was
// sent; all addresses of a host are
//   tried before that. Without a descriptor or a local port it is kRefused, too, and counted. Names
//   are resolved when the engine is made (it blocks); one that cannot be is kRefused each time.
// - TLS (a target with `tls`): the handshake is part of connecting, so it counts to the queue span
// and has connect_timeout; one that
//   fails is kRefused with what OpenSSL says. Bytes are plaintext: a byte is sent when the kernel
//   has all of its record, each piece between two stops of a script is records of its own, and the
//   barrier holds back the last one. FIN is a close_notify before it, RST is not. Session tickets
//   on idle connections are no bytes out of turn. An end without close_notify never completes an
//   answer that only the end delimits: kClosed. A server that refuses squall's certificate under
//   TLS 1.3 does so when the request has left: kReset.
// - Cuts behind the first byte wait until the peer's kernel has everything before them (SIOCOUTQ =
// 0; for cuts with a delay over the loopback device, which loses nothing, SIOCOUTQNSD = 0), 1 s at
// most: then
//   kAfterSend is given up (detail says so) and the others are done all the same. RST by SO_LINGER
//   0, FIN by close. A cut at kConnect takes a new connection. From the moment at which a cut is
//   due (its delay runs) the answer is read and thrown away; kDuringResponse is due with the first
//   bytes that are read, be they the whole answer.
// - Barrier copies send all but their last byte, and count as arrived when the peer's kernel has it
// (1 s at most) or when they
//   end early; the last bytes leave in one loop turn. More copies than connections cannot: they are
//   not held, detail says so.
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

// Owns its connections; borrows `loop` and `plan`, which must outlive it. Worker thread only. No
// allocation per plain request once warm: connections, buffers and lists are reused.
class NativeEngine {
 public:
  struct Options {
    unsigned connections = 64;  // sockets of this worker, all targets together
  };
  NativeEngine(net::Loop& loop, const model::Plan& plan, Options options);
  // Closes every connection; exchanges that are still lent are forgotten, their memory is not
  // touched again.
  ~NativeEngine();
  NativeEngine(const NativeEngine&) = delete;
  NativeEngine& operator=(const NativeEngine&) = delete;

  // Starts an exchange or queues it. Sets exchange.taken_up to `now` and forgets the results of an
  // earlier use. One that fails at once is among those of the next take_completed(), like every
  // other.
  void submit(Exchange& exchange, TimePoint now);
  // Exchanges that ended since the last call, in order of their end. The vector's content is
  // swapped into `out` (cleared first).
  void take_completed(std::vector<Exchange*>& out);
  // Ends everything that is lent: waiting ones come back as kDropped (nothing sent), the others as
  // kTimeout.
  void abandon_all(TimePoint now);

  // The next instant at which something must happen (timeouts, holds, delays, idle limits) or may
  // have to: it can be too early, never too late, so that it does not move with every answer.
  // Nothing when there is none. In the past while completed exchanges wait to be taken. The worker
  // arms its timer for it and calls on_time() when it has come.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  void on_time(TimePoint now);

  [[nodiscard]] std::size_t waiting()
      const;  // exchanges that wait for a connection; not those held before they ask
  [[nodiscard]] std::size_t in_flight() const;    // lent exchanges, waiting included
  [[nodiscard]] std::size_t connections() const;  // open sockets
  // Counters since the last call.
  [[nodiscard]] EngineCounters take_counters();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::engine
