// A raw TCP or TLS server for tests that does what a script says, byte by byte, and counts what it
// got. No HTTP library, so that it can be wrong in every way.
//
//   HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
//                         HostileServer::again()});
//   … server.url("/") …
//   ASSERT_TRUE(server.wait_until([&] { return server.requests() == 3; }));
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "tests/tls/tls_end.hpp"

namespace squall::test {

// "HTTP/1.1 200 OK" with content-length and `body`; `extra_header` is whole lines ending in CRLF.
[[nodiscard]] std::string ok_answer(std::string_view body, std::string_view extra_header = {});

// Listens on 127.0.0.1, a free port. Owns its thread and connections; the destructor closes them
// and joins. The counters may be read from any thread at any time.
class HostileServer {
 public:
  // One step of a connection's script. Made by the functions below.
  struct Step {
    enum class Kind : std::uint8_t {
      kReadRequest,
      kReadBytes,
      kSend,
      kSendRaw,
      kWait,
      kStall,
      kCloseFin,
      kCloseRst,
      kCloseBare,
      kAgain
    };
    Kind kind = Kind::kStall;
    std::string bytes = {};  // kSend, kSendRaw
    std::size_t count =
        0;  // kReadBytes: how many; kSend: bytes per piece, 0: as many as the kernel takes
    Duration pause{};  // kSend: between pieces; kWait
  };
  using Script = std::vector<Step>;
  // The script of the nth accepted connection, from 0. Called on the server's thread.
  using ScriptFor = std::function<Script(unsigned connection)>;

  // Waits for one whole request: header, and body by content-length or chunks. Bytes behind it are
  // kept for the next one.
  static Step read_request();
  // Waits for that many bytes and forgets them.
  static Step read_bytes(std::size_t count);
  static Step send(std::string bytes);
  // In pieces of that many bytes with a pause after each; every piece is a segment of its own
  // (TCP_NODELAY).
  static Step send_slowly(std::string bytes, std::size_t piece_bytes, Duration pause);
  // Bytes that are no HTTP: pseudo-random, the same for the same seed.
  static Step send_garbage(std::size_t count, std::uint64_t seed = 1);
  // A good answer with a body of that many bytes.
  static Step send_large(std::size_t body_bytes);
  // Past TLS: the bytes as they are.
  static Step send_raw(std::string bytes);
  static Step wait(Duration pause);
  // Never answers: reads and drops what comes until the client closes.
  static Step stall();
  // Closes; unread bytes are read first, so that it is a FIN.
  static Step close_fin();
  static Step close_rst();
  // FIN without TLS's close_notify before it, as one who cuts an answer off would do it.
  static Step close_bare();
  // Goes on with the script's first step. A script that runs out ends in close_fin().
  static Step again();

  // Every connection follows the same script.
  explicit HostileServer(Script script);
  explicit HostileServer(ScriptFor script_for);
  // Behind TLS: bytes are those under it.
  HostileServer(const TlsServerOptions& tls, Script script);
  HostileServer(const TlsServerOptions& tls, ScriptFor script_for);
  ~HostileServer();
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url(
      std::string_view path = "/") const;  // "http://127.0.0.1:port/path" or "https://…"

  [[nodiscard]] unsigned connections() const;       // accepted so far
  [[nodiscard]] unsigned open_connections() const;  // neither side has closed them
  [[nodiscard]] std::uint64_t bytes_received() const;
  [[nodiscard]] unsigned requests() const;       // whole requests, read by read_request()
  [[nodiscard]] unsigned client_fins() const;    // connections that the client closed in order
  [[nodiscard]] unsigned client_resets() const;  // connections that the client reset
  // TLS
  [[nodiscard]] unsigned handshakes() const;      // that came to an end
  [[nodiscard]] unsigned resumptions() const;     // of these
  [[nodiscard]] unsigned close_notifies() const;  // from clients
  [[nodiscard]] unsigned tls_failures() const;    // alerts from clients, and what else is no TLS
  [[nodiscard]] std::string server_name() const;  // that the last handshake asked for
  // Whole requests in the order in which they became whole, header and body as sent.
  [[nodiscard]] std::vector<std::string> request_texts() const;
  // What a connection (by accept ordinal) has sent in all, whole requests or not.
  [[nodiscard]] std::string received_from(unsigned connection) const;

  // Waits until `condition` holds, looking again whenever something has happened. False when it
  // does not within the limit. The condition may use the functions above.
  [[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                                Duration limit = std::chrono::seconds(10)) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::test
