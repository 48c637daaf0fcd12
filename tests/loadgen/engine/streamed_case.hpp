// A request with generated content, for the tests of both engines.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "loadgen/engine/request_stream.hpp"
#include "tests/loadgen/engine/engine_rig.hpp"
#include "tests/support/digest_server.hpp"

namespace squall::engine::test {

// POST /upload with text, `first` bytes, text, `second` bytes, text.
class StreamedRequest {
 public:
  StreamedRequest(std::uint64_t first, std::uint64_t second) {
    const std::string before = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
    const std::string end = "\r\n--b--\r\n";
    const std::uint64_t length = 2 * before.size() + end.size() + first + second;
    text_ = "POST /upload HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(length) +
            "\r\n\r\n";
    head_bytes_ = text_.size();
    text_ += before;
    generated_.push_back({text_.size(), first, 11});
    text_ += before;
    generated_.push_back({text_.size(), second, 12});
    text_ += end;
  }
  StreamedRequest(const StreamedRequest&) = delete;
  StreamedRequest& operator=(const StreamedRequest&) = delete;

  void put_into(Exchange& exchange) const {
    exchange.request = text_;
    exchange.head_bytes = head_bytes_;
    exchange.generated = generated_;
    exchange.generated_bytes = generated_[0].bytes + generated_[1].bytes;
    exchange.timeout = std::chrono::minutes(2);
  }
  [[nodiscard]] std::size_t head_bytes() const { return head_bytes_; }
  [[nodiscard]] std::uint64_t body_bytes() const {
    return text_.size() - head_bytes_ + generated_[0].bytes + generated_[1].bytes;
  }

  // The first `bytes` of it as one text, without the code that sends it.
  [[nodiscard]] std::string begin(std::size_t bytes) const {
    std::string whole;
    std::size_t copied = 0;
    for (const expr::GeneratedRange& range : generated_) {
      whole.append(text_, copied, range.at - copied);
      const std::size_t from = whole.size();
      whole.resize(from + range.bytes);
      expr::write_generated(range.stream, 0, std::span(whole).subspan(from));
      copied = range.at;
    }
    return whole.append(text_, copied).substr(0, bytes);
  }
  // SHA-256 of the whole body, a MiB at a time.
  [[nodiscard]] std::string digest() const {
    squall::test::RunningDigest digest;
    std::size_t copied = head_bytes_;
    std::string piece(std::size_t{1} << 20U, '\0');
    for (const expr::GeneratedRange& range : generated_) {
      digest.add(std::span(text_).subspan(copied, range.at - copied));
      for (std::uint64_t done = 0; done < range.bytes; done += piece.size()) {
        piece.resize(std::min<std::uint64_t>(piece.size(), range.bytes - done));
        expr::write_generated(range.stream, done, piece);
        digest.add(piece);
      }
      piece.resize(std::size_t{1} << 20U);
      copied = range.at;
    }
    digest.add(std::span(text_).subspan(copied));
    return digest.take();
  }

 private:
  std::string text_;
  std::size_t head_bytes_ = 0;
  std::vector<expr::GeneratedRange> generated_;
};

// Under the address sanitizer freed memory is kept for a while, so its peak says nothing.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kMemoryTells = false;
#else
inline constexpr bool kMemoryTells = true;
#endif

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

// Sends 200 MB from `rig` to `server`: the server has exactly these bytes, this process hardly more
// memory. `request` is what was sent; the exchange lives as long as the rig.
template <class Rig>
Exchange& send_without_memory(Rig& rig, const squall::test::DigestServer& server,
                              const StreamedRequest& request) {
  const std::string digest = request.digest();
  Exchange& exchange = rig.make(get());
  request.put_into(exchange);
  squall::test::reset_peak_memory();
  const std::uint64_t before = squall::test::peak_memory();
  rig.submit(exchange);
  EXPECT_TRUE(rig.run_all(2min));
  const std::uint64_t after = squall::test::peak_memory();
  EXPECT_EQ(exchange.how, model::AttemptClass::kSuccess) << exchange.detail;
  const auto uploads = server.uploads();
  EXPECT_EQ(uploads.size(), 1U);
  if (!uploads.empty()) {
    EXPECT_EQ(uploads[0].body_bytes, request.body_bytes());
    EXPECT_EQ(uploads[0].sha256, digest);
  }
  if (kMemoryTells) {
    EXPECT_LT(after - before, 16 * kMiB);
  }
  return exchange;
}

}  // namespace squall::engine::test
