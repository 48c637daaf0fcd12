#include "loadgen/engine/request_stream.hpp"

#include <algorithm>
#include <cstring>

#include "loadgen/base/check.hpp"

namespace squall::engine {
namespace {

// Fills `out` from segments that follow each other, of which those before `from` are passed over.
class Window {
 public:
  Window(std::size_t from, std::span<char> out) : skip_(from), out_(out) {}

  // `write(offset, piece)` writes the bytes of the segment from `offset` on.
  template <class Write>
  void segment(std::size_t bytes, Write write) {
    if (skip_ >= bytes) {
      skip_ -= bytes;
      return;
    }
    const std::size_t taken = std::min(bytes - skip_, out_.size());
    write(skip_, out_.first(taken));
    out_ = out_.subspan(taken);
    skip_ = 0;
  }
  [[nodiscard]] bool full() const { return out_.empty(); }

 private:
  std::size_t skip_;
  std::span<char> out_;
};

}  // namespace

void copy_request(const Exchange& exchange, std::size_t from, std::span<char> out) {
  Window window(from, out);
  std::size_t at = 0;
  const auto text_up_to = [&](std::size_t end) {
    window.segment(end - at, [&](std::size_t offset, std::span<char> piece) {
      exchange.request.copy(piece.data(), piece.size(), at + offset);
    });
    at = end;
  };
  for (const expr::GeneratedRange& range : exchange.generated) {
    text_up_to(range.at);
    window.segment(range.bytes, [&](std::size_t offset, std::span<char> piece) {
      expr::write_generated(range.stream, offset, piece);
    });
    if (window.full()) {
      return;
    }
  }
  text_up_to(exchange.request.size());
  SQUALL_CHECK(window.full());
}

}  // namespace squall::engine
