// Request parser of the embedded server: the same sequence of requests however the bytes were cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/net/http_request_parser.hpp"

namespace {

using squall::net::HttpRequestParser;
using squall::net::ServerRequest;
using State = HttpRequestParser::State;

std::vector<ServerRequest> parse(std::string_view input, const HttpRequestParser::Limits& limits,
                                 std::size_t max_piece) {
  squall::Rng rng(squall::StreamId(input.size(), "fuzz", "pieces"));
  HttpRequestParser parser(limits);
  std::vector<ServerRequest> requests;
  while (!input.empty()) {
    const std::size_t size = std::min<std::size_t>(input.size(), 1 + rng.next_below(max_piece));
    const std::vector<char> piece(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
    const HttpRequestParser::Fed fed = parser.feed({piece.data(), piece.size()});
    SQUALL_CHECK(fed.consumed <= piece.size());
    input.remove_prefix(fed.consumed);
    if (fed.state == State::kRejected) {
      SQUALL_CHECK(parser.refuse_with() >= 400 && parser.refuse_with() <= 599);
      break;
    }
    if (fed.state == State::kComplete) {
      requests.push_back(parser.take_request());
      SQUALL_CHECK(requests.back().body.size() <= limits.max_body_bytes);
    } else {
      SQUALL_CHECK(fed.consumed == piece.size());
      static_cast<void>(parser.expects_continue());
    }
  }
  return requests;
}

bool same(const ServerRequest& a, const ServerRequest& b) {
  return a.method == b.method && a.target == b.target && a.headers == b.headers && a.body == b.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const HttpRequestParser::Limits roomy{};
  const auto whole = parse(input, roomy, input.size() + 1);
  for (const std::size_t max_piece : {std::size_t{1}, std::size_t{5}, std::size_t{64}}) {
    const auto pieces = parse(input, roomy, max_piece);
    SQUALL_CHECK(std::equal(whole.begin(), whole.end(), pieces.begin(), pieces.end(), same));
  }
  parse(input, {.max_header_bytes = 64, .max_body_bytes = 10}, 7);
  return 0;
}
