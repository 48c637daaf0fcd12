// Response parser: whatever comes, in whatever pieces, it ends in a state of its own; and pieces do
// not change an answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/net/http_response_parser.hpp"

namespace {

using squall::net::HttpResponseParser;
using State = HttpResponseParser::State;

struct Outcome {
  State state = State::kNeedMore;
  std::size_t consumed = 0;
  int status = 0;
  bool keep_alive = false;
  std::uint64_t body_bytes = 0;
  std::string body;
};

Outcome parse(HttpResponseParser& parser, std::string_view input, bool head_only,
              std::size_t max_piece) {
  squall::Rng rng(squall::StreamId(input.size(), "fuzz", "pieces"));
  Outcome outcome;
  parser.reset(head_only);
  parser.capture_body(outcome.body, 1000);
  while (outcome.state == State::kNeedMore && outcome.consumed < input.size()) {
    const std::size_t left = input.size() - outcome.consumed;
    const std::size_t size = std::min<std::size_t>(left, 1 + rng.next_below(max_piece));
    const std::vector<char> piece(
        input.begin() + static_cast<std::ptrdiff_t>(outcome.consumed),
        input.begin() + static_cast<std::ptrdiff_t>(outcome.consumed + size));
    const HttpResponseParser::Fed fed = parser.feed({piece.data(), piece.size()});
    SQUALL_CHECK(fed.consumed <= piece.size());
    SQUALL_CHECK(fed.state == State::kComplete || fed.consumed == piece.size());
    outcome.consumed += fed.consumed;
    outcome.state = fed.state;
  }
  if (outcome.state == State::kNeedMore && parser.started()) {
    const bool complete = parser.finish() == HttpResponseParser::Ending::kComplete;
    outcome.state = complete ? State::kComplete : State::kNeedMore;
  }
  outcome.status = parser.status();
  outcome.keep_alive = parser.keep_alive();
  outcome.body_bytes = parser.body_bytes();
  SQUALL_CHECK(outcome.body.size() == std::min<std::uint64_t>(outcome.body_bytes, 1000));
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const bool head_only = (data[0] & 1U) != 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  HttpResponseParser parser;
  const Outcome whole = parse(parser, input, head_only, input.size() + 1);
  for (const std::size_t max_piece : {std::size_t{1}, std::size_t{4}, std::size_t{64}}) {
    const Outcome pieces = parse(parser, input, head_only, max_piece);
    // Pieces may let it notice later that something is wrong, never find something else right.
    SQUALL_CHECK((pieces.state == State::kComplete) == (whole.state == State::kComplete));
    if (whole.state == State::kComplete) {
      SQUALL_CHECK(pieces.consumed == whole.consumed);
      SQUALL_CHECK(pieces.status == whole.status);
      SQUALL_CHECK(pieces.keep_alive == whole.keep_alive);
      SQUALL_CHECK(pieces.body_bytes == whole.body_bytes);
      SQUALL_CHECK(pieces.body == whole.body);
    }
  }
  HttpResponseParser strict(64);
  parse(strict, input, head_only, 7);
  return 0;
}
