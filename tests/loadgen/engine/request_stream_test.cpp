#include "loadgen/engine/request_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace squall::engine {
namespace {

TEST(RequestStream, AnyPieceIsThatOfTheWholeRequest) {
  const std::string text = "HEADabcdef";
  const std::vector<expr::GeneratedRange> generated{{.at = 4, .bytes = 3, .stream = 1},
                                                    {.at = 6, .bytes = 20, .stream = 2},
                                                    {.at = 6, .bytes = 5, .stream = 3},
                                                    {.at = 10, .bytes = 9, .stream = 4}};
  Exchange exchange;
  exchange.request = text;
  exchange.head_bytes = 4;
  exchange.generated = generated;
  exchange.generated_bytes = 37;
  std::string whole = text;
  for (auto range = generated.rbegin(); range != generated.rend(); ++range) {
    std::string content(range->bytes, '\0');
    expr::write_generated(range->stream, 0, content);
    whole.insert(range->at, content);
  }
  ASSERT_EQ(exchange.request_bytes(), whole.size());
  for (std::size_t from = 0; from <= whole.size(); ++from) {
    for (std::size_t bytes = 0; from + bytes <= whole.size(); ++bytes) {
      std::string piece(bytes, '\0');
      copy_request(exchange, from, piece);
      ASSERT_EQ(piece, whole.substr(from, bytes)) << from << " " << bytes;
    }
  }
}

TEST(RequestStream, ARequestOfTextAloneIsItself) {
  Exchange exchange;
  exchange.request = "GET / HTTP/1.1\r\n\r\n";
  std::string piece(5, '\0');
  copy_request(exchange, 4, piece);
  EXPECT_EQ(piece, "/ HTT");
}

}  // namespace
}  // namespace squall::engine
