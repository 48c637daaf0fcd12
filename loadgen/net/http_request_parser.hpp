// An incremental HTTP/1.1 request parser for the server side. No I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "loadgen/net/http_server.hpp"

namespace squall::net {

// Reads the requests of one connection, one after the other: feed() until kComplete,
// take_request(), feed() what is left. Input may be split anywhere. Owns the request it builds. One
// thread at a time.
class HttpRequestParser {
 public:
  enum class State : std::uint8_t {
    kNeedMore,
    kComplete,  // request() is whole; bytes behind `consumed` belong to the next one
    kRejected,  // refuse_with() is the status to answer with; the connection cannot go on
  };
  struct Fed {
    std::size_t consumed = 0;
    State state = State::kNeedMore;
  };
  struct Limits {
    std::uint32_t max_header_bytes =
        64 * 1024;  // request line and header; also chunk headers and trailers
    std::uint64_t max_body_bytes = 16ULL * 1024 * 1024;
  };

  explicit HttpRequestParser(const Limits& limits);
  ~HttpRequestParser();
  HttpRequestParser(const HttpRequestParser&) = delete;
  HttpRequestParser& operator=(const HttpRequestParser&) = delete;

  Fed feed(std::string_view bytes);
  // Moves the whole request out and gets ready for the next one. REQUIRES: kComplete.
  [[nodiscard]] ServerRequest take_request();

  // A byte of the present request has come.
  [[nodiscard]] bool started() const;
  // The client waits for "100 Continue" before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  // Of the whole request: the connection may carry another one after the answer. Holds until the
  // next feed().
  [[nodiscard]] bool keep_alive() const;
  // The request came as HTTP/1.0: a kept connection has to be announced.
  [[nodiscard]] bool is_http_1_0() const;
  // 400, 413, 431 or 501; 0 unless kRejected.
  [[nodiscard]] int refuse_with() const;
  // Why; a literal.
  [[nodiscard]] std::string_view problem() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::net
