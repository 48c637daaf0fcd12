// An incremental HTTP/1.1 response parser: bytes in as they come off the wire, verdicts out. No
// I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace squall::net {

// One parser reads the answers of one connection, one after the other:
//
//   reset(head_only) ─► feed(bytes) … feed(bytes) ─► kComplete ─► reset(…)
//                              └─► end of file: finish()
//
// Interim answers (1xx) are read over; 101 counts as final because what follows it is not HTTP.
// HEAD, 204 and 304 have no body. Bodies are of any size and are handed on, not stored, unless
// capture_body() asks for it. Input may be split anywhere. Owns its buffers: allocates when made
// and while they grow, not per answer once warm. One thread at a time.
class HttpResponseParser {
 public:
  enum class State : std::uint8_t {
    kNeedMore,        // everything was consumed and the answer is not complete
    kComplete,        // the answer is complete; bytes behind `consumed` are not part of it
    kMalformed,       // not HTTP/1.x; problem() says why. Stays so until reset()
    kHeaderTooLarge,  // a header, chunk header or trailer exceeds the limit. Stays so until reset()
  };
  struct Fed {
    std::size_t consumed = 0;  // bytes of this call's input; all of them unless kComplete
    State state = State::kNeedMore;
  };
  enum class Ending : std::uint8_t { kComplete, kClosedEarly };

  // Called for each header field of the final answer (not of interim ones, not of trailers) in
  // order, before the answer is known to be well formed. Both views end with the call. Must not
  // call the parser.
  using HeaderCallback = void (*)(void* context, std::string_view name,
                                  std::string_view value) noexcept;

  static constexpr std::uint32_t kDefaultHeaderLimit = 64 * 1024;
  static constexpr unsigned kMaxInterimAnswers = 32;

  // `max_header_bytes` limits the status line and header of each answer, interim ones one by one.
  // Ready for a first answer.
  explicit HttpResponseParser(std::uint32_t max_header_bytes = kDefaultHeaderLimit);
  ~HttpResponseParser();
  HttpResponseParser(HttpResponseParser&&) noexcept;
  HttpResponseParser& operator=(HttpResponseParser&&) noexcept;

  // Forgets the answer and its capture; the next bytes are the first of a new one. `head_only`: it
  // answers a HEAD request. The header callback stays.
  void reset(bool head_only);
  // Appends the decoded body to `into` up to `limit` bytes in all; the rest is counted only.
  // Borrows `into` until the answer is complete or reset() is called. Call it after reset() and
  // before the first feed().
  void capture_body(std::string& into, std::uint64_t limit);
  // nullptr: none.
  void on_header(HeaderCallback callback, void* context);

  // Parses what came. After a state other than kNeedMore it consumes nothing and repeats that
  // state.
  Fed feed(std::string_view bytes);
  // The peer closed its side in order (end of file). kComplete when the answer is complete or its
  // body ends with the connection; the state is then kComplete.
  Ending finish();

  [[nodiscard]] State state() const;
  // A byte of the answer (or of an interim one) has been consumed.
  [[nodiscard]] bool started() const;
  // The header of the final answer is there: status() and keep_alive() hold.
  [[nodiscard]] bool header_complete() const;
  // 0 until the final status line has been read.
  [[nodiscard]] int status() const;
  // The connection may carry another request after this answer. False until the header is complete.
  [[nodiscard]] bool keep_alive() const;
  // Status lines and headers consumed so far, interim ones included, in bytes on the wire.
  [[nodiscard]] std::uint64_t header_bytes() const;
  // Body so far, decoded (without chunk headers and trailers), in bytes.
  [[nodiscard]] std::uint64_t body_bytes() const;
  // Everything consumed since reset(), in bytes on the wire.
  [[nodiscard]] std::uint64_t wire_bytes() const;
  [[nodiscard]] unsigned interim_answers() const;
  // The body was longer than the capture's limit.
  [[nodiscard]] bool capture_truncated() const;
  // Why the state is kMalformed or kHeaderTooLarge; a literal, empty otherwise.
  [[nodiscard]] std::string_view problem() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::net
