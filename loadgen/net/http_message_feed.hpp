// What request and response parsing share around Beast: input in pieces, and limits that Beast does
// not keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace squall::net {

// Drives one message after the other through a parser. A template over that parser, so that Beast
// stays in the sources. Message has
//   bool header_done() const, done() const
//   bool awaits_first_chunk() const          chunked, header done, no chunk header seen
//   MessagePut put(std::string_view)         one call of Beast's put()
//   void go_on_after_header()                from now on put() takes as much as it can
struct MessagePut {
  std::size_t used = 0;
  enum class Kind : std::uint8_t { kProgress, kNeedMore, kFailed, kTooLarge };
  Kind kind = Kind::kProgress;
  std::string_view problem;  // a literal, for kFailed and kTooLarge
};

class HttpMessageFeed {
 public:
  explicit HttpMessageFeed(std::uint32_t max_header_bytes) : max_header_bytes_(max_header_bytes) {}

  // Forgets input that is kept, too.
  void reset() {
    held_.clear();
    begin_message();
  }
  void begin_message() {
    header_bytes_ = 0;
    looked_at_ = 0;
  }
  // Of the present message, so far.
  [[nodiscard]] std::uint64_t header_bytes() const { return header_bytes_; }
  [[nodiscard]] std::uint32_t max_header_bytes() const { return max_header_bytes_; }

  // Beast parses a header, a chunk header and trailers only when they lie in one piece: what it did
  // not use is kept here and joined with the following bytes. join() gives the input to parse,
  // valid until keep() or drop().
  std::string_view join(std::string_view bytes) {
    joined_ = !held_.empty();
    if (joined_) {
      held_.append(bytes);
    }
    return joined_ ? std::string_view(held_) : bytes;
  }
  // After parsing `used` bytes of join(bytes): keeps the others for the next time.
  void keep(std::string_view bytes, std::size_t used) {
    if (joined_) {
      held_.erase(0, used);
    } else {
      held_.assign(bytes.substr(used));
    }
  }
  void drop() { held_.clear(); }

  // One step on joined input from where the last one stopped. kProgress: call it again with what
  // follows, or the message is done. The bytes used count for every kind.
  template <class Message>
  MessagePut step(Message& message, std::string_view input) {
    // Beast 1.74 asserts that it never looks twice at a last chunk shorter than this.
    constexpr std::size_t kShortestLastChunk = 5;
    if (message.awaits_first_chunk() && input.size() < kShortestLastChunk) {
      return {0, MessagePut::Kind::kNeedMore, {}};
    }
    const bool in_header = !message.header_done();
    MessagePut put = message.put(input);
    if (put.kind == MessagePut::Kind::kFailed || put.kind == MessagePut::Kind::kTooLarge) {
      return put;
    }
    const bool need_more = put.kind == MessagePut::Kind::kNeedMore;
    const std::string_view waiting = need_more ? input.substr(put.used) : std::string_view();
    if (in_header) {
      header_bytes_ += put.used;
    }
    // Beast counts its limit anew after each consumed field, and does not limit chunk headers and
    // trailers at all.
    if ((in_header ? header_bytes_ : 0) + waiting.size() > max_header_bytes_) {
      return {put.used, MessagePut::Kind::kTooLarge,
              in_header ? "header too large" : "chunk header too large"};
    }
    if (in_header && has_bare_line_feed(waiting, put.used)) {
      return {put.used, MessagePut::Kind::kFailed, "bad line ending"};
    }
    if (in_header && message.header_done()) {
      message.go_on_after_header();
    }
    return put;
  }

 private:
  // Beast looks no further than for the blank line once a header came in pieces, which a header of
  // such lines never has.
  bool has_bare_line_feed(std::string_view waiting, std::size_t used) {
    if (used > 0) {
      looked_at_ = 0;
    }
    for (; looked_at_ < waiting.size(); ++looked_at_) {
      if (waiting[looked_at_] == '\n' && (looked_at_ == 0 || waiting[looked_at_ - 1] != '\r')) {
        return true;
      }
    }
    return false;
  }

  std::uint32_t max_header_bytes_;
  std::uint64_t header_bytes_ = 0;
  std::size_t looked_at_ =
      0;  // bytes at the start of what Beast waits with that have no bare line feed
  bool joined_ = false;
  std::string held_;
};

}  // namespace squall::net
