// The commonest answer of all, recognised in one pass: HTTP/1.1, a body of known length, everything
// there in one piece.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace squall::net {

struct PlainAnswer {
  int status = 0;
  bool keep_alive = true;
  std::size_t header_bytes = 0;
  std::size_t body_bytes = 0;  // follow the header
};

// The answer at the beginning of `bytes` when it is whole and ordinary; nothing when it is
// incomplete, malformed or has anything out of the ordinary (chunks, interim and bodiless answers,
// folded lines, tabs, several Content-Length fields …): then the general parser decides. What this
// accepts the general parser accepts with the same result; it takes a tenth of its time, which is
// most of what a client spends on an answer outside the kernel. Not for answers to HEAD. Any
// thread.
[[nodiscard]] std::optional<PlainAnswer> recognise_plain_answer(std::string_view bytes);

}  // namespace squall::net
