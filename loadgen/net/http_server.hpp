// A small asynchronous HTTP/1.1 server on a thread and loop of its own, for what squall serves:
// sinks, control API, metrics and pages. It answers at once, can answer late, can go on answering,
// and can reset.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::net {

struct ServerRequest {
  std::string method;
  std::string target;  // path and query as sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// What to do with a request. A value. Content-Length and Transfer-Encoding are the server's
// business and dropped from `headers`; "Connection: close" there closes after the answer. Fields
// that cannot be sent (line breaks in them) are dropped.
struct ServerReply {
  enum class Action {
    kAnswer,
    kStream,  // an answer that goes on: `body`, then what `more` gives; its end closes
    kReset,   // RST without an answer
    kSilence  // never answer
  };
  Action action = Action::kAnswer;
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  Duration delay{};  // before the action; the server goes on with other connections meanwhile
  // Of kStream: the next bytes, none when there is nothing to say now, nothing when that was all.
  // Called on the server's thread: at once, whenever the client has taken everything so far, and
  // after HttpServer::wake(). So what a slow client has not taken is never more than one piece; it
  // is dropped when it takes nothing of that for write_timeout. Must not throw.
  std::function<std::optional<std::string>()> more = {};
};

// Owns its thread, loop and connections. Made, started and destroyed on one thread. Clients are
// hostile: header and body are limited (431, 413), so is the time that a request may take to arrive
// (408) and an answer to be read; garbage gets 400 and a close. Requests of one connection are
// answered in their order, one at a time; connections do not wait for each other. After a refusal,
// and after an answer that closes, what the client still sends is read away for a moment, so that
// the close does not destroy the answer.
class HttpServer {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    std::uint64_t max_header_bytes = 64ULL * 1024;
    std::uint64_t max_body_bytes = 16ULL * 1024 * 1024;
    unsigned max_connections = 4096;                      // more are closed as they come
    Duration request_timeout = std::chrono::seconds(30);  // first to last byte of a request
    Duration idle_timeout = std::chrono::seconds(75);     // without a request
    Duration write_timeout =
        std::chrono::seconds(30);  // without the client reading anything of its answer
    // Of a LateHandler: how long an answer may take, and what is answered instead then.
    Duration answer_timeout = std::chrono::seconds(25);
    ServerReply overdue = {.status = 503};
  };
  // Runs on the server's thread, one request at a time; must be quick and must not throw.
  using Handler = std::function<ServerReply(const ServerRequest&)>;
  // Takes the answer to one request: once, from any thread, at any time. What comes after the
  // first, after answer_timeout, or when client or server are gone, is forgotten.
  using Answer = std::function<void(ServerReply)>;
  // Runs on the server's thread as a Handler does, but may leave the answer to somebody who works
  // elsewhere: the server goes on with other connections meanwhile.
  using LateHandler = std::function<void(ServerRequest, Answer)>;

  // kUnavailable when the address cannot be bound (names it).
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(const Options& options,
                                                                 Handler handler);
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start_late(const Options& options,
                                                                      LateHandler handler);
  // Closes all connections and joins the thread.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // There may be more for the clients of streams. Any thread.
  void wake();

 private:
  class Impl;
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(std::unique_ptr<Impl> impl);
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::net
