// Finds where the HTTP/1 messages in a stream of bytes begin and end, for who passes the bytes on.
// No I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace squall::net {

// One direction of one connection, one message after the other:
//
//   next ─► kHead ─► next ─► kBody … kBody ─► kEnd ─► next ─► kHead …
//                      any of them ─► kNotHttp, and nothing else from then on
//
// Input may be split anywhere. Bytes are never changed: together with head() what next() consumes
// is the input. Keeps at most a head, or one chunk header or trailer. One thread at a time.
class HttpScanner {
 public:
  enum class Kind : std::uint8_t { kRequests, kAnswers };
  enum class Found : std::uint8_t {
    kNothing,  // more is needed; what was consumed lies in head()
    kHead,     // head() is whole, its blank line included
    kBody,     // what was consumed is body as it stands on the wire (chunk headers, trailers)
    kEnd,      // the message is complete; nothing was consumed
    kNotHttp,  // nothing was consumed; an unfinished head() is what was consumed before
  };
  struct Step {
    Found found = Found::kNothing;
    std::size_t consumed = 0;
  };
  // How long the body is, by the head.
  enum class Framing : std::uint8_t { kNone, kLength, kChunked, kUntilEnd };

  static constexpr std::size_t kMaxHeadBytes = 64UL * 1024;

  explicit HttpScanner(Kind kind);
  ~HttpScanner();
  HttpScanner(const HttpScanner&) = delete;
  HttpScanner& operator=(const HttpScanner&) = delete;

  // Goes as far as the next thing that it finds. `bytes` are what was not consumed the last time,
  // and more; may be empty (after kHead, to see whether the message has a body).
  Step next(std::string_view bytes);
  // Of answers, before the first byte of one: it answers a HEAD request and has no body.
  void set_head_only(bool head_only);
  // The connection has ended in order: whether that is how the present message ends. If so, next()
  // says kEnd.
  [[nodiscard]] bool finish();

  // Whether a message has begun that is not complete.
  [[nodiscard]] bool in_message() const;
  // As it stands on the wire, of the present message; valid until next() after kEnd.
  [[nodiscard]] std::string_view head() const;
  // These hold from kHead on.
  [[nodiscard]] Framing framing() const;
  // Of kLength.
  [[nodiscard]] std::uint64_t content_length() const;
  // Of answers.
  [[nodiscard]] int status() const;
  [[nodiscard]] bool keep_alive() const;

  // From now on decoded body (without chunk headers and trailers) is appended there as well, until
  // kEnd. nullptr: no more.
  void decode_into(std::string* body);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squall::net
