#include "loadgen/net/http_plain_answer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/net/http_response_parser.hpp"

namespace squall::net {
namespace {

const std::string kOrdinary =
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Fri, 20 Nov 2026 16:36:26 GMT\r\nContent-Length: "
    "5\r\n"
    "Connection: keep-alive\r\n\r\nhello";

TEST(PlainAnswerOf, OrdinaryAnswer) {
  const auto plain = recognise_plain_answer(kOrdinary + "more");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->status, 200);
  EXPECT_TRUE(plain->keep_alive);
  EXPECT_EQ(plain->header_bytes, kOrdinary.size() - 5);
  EXPECT_EQ(plain->body_bytes, 5U);
}

TEST(PlainAnswerOf, Variants) {
  const auto closing =
      recognise_plain_answer("HTTP/1.1 503 \r\nCONNECTION:  Close \r\ncontent-length:0\r\n\r\n");
  ASSERT_TRUE(closing.has_value());
  EXPECT_EQ(closing->status, 503);
  EXPECT_FALSE(closing->keep_alive);
  EXPECT_EQ(closing->body_bytes, 0U);
}

TEST(PlainAnswerOf, EveryPrefixIsIncomplete) {
  for (std::size_t size = 0; size < kOrdinary.size(); ++size) {
    EXPECT_FALSE(recognise_plain_answer(std::string_view(kOrdinary).substr(0, size)).has_value())
        << size;
  }
}

TEST(PlainAnswerOf, AnythingElseIsLeftToTheGeneralParser) {
  const std::vector<std::string> others = {
      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 20x OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0, 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close, x\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: b\x7f\r\nContent-Length: 0\r\n\r\n",
      std::string("HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n", 45),
      "HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n",
  };
  for (const std::string& other : others) {
    EXPECT_FALSE(recognise_plain_answer(other).has_value()) << other;
  }
}

// What the general parser makes of it: the first byte alone keeps it from the short way.
HttpResponseParser by_general_parser(std::string_view bytes, std::string& body,
                                     std::size_t& consumed) {
  HttpResponseParser parser;
  parser.capture_body(body, 1024);
  consumed = parser.feed(bytes.substr(0, 1)).consumed;
  consumed += parser.feed(bytes.substr(1)).consumed;
  return parser;
}

TEST(PlainAnswerOf, AgreesWithTheGeneralParserOnMutatedAnswers) {
  const std::vector<std::string> seeds = {
      kOrdinary,
      "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 3\r\nX-Y: \xc3\xa9 "
      "z\r\n\r\nabc",
      "HTTP/1.1 500 Oops\r\nProxy-Connection: close\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: "
      "12\r\n\r\n2\r\nab\r\n0\r\n\r\n",
  };
  const std::string letters = "\r\n\t :;,-+0123456789aAzZ\x7f\x80\xff\x01" + std::string(1, '\0');
  Rng rng(StreamId(7, "test", "mutations"));
  unsigned accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = seeds[static_cast<std::size_t>(i) % seeds.size()];
    const std::uint64_t changes = rng.next_below(4);
    for (std::uint64_t change = 0; change < changes; ++change) {
      const std::size_t at = static_cast<std::size_t>(rng.next_below(bytes.size()));
      const char letter = letters[static_cast<std::size_t>(rng.next_below(letters.size()))];
      switch (rng.next_below(3)) {
        case 0:
          bytes[at] = letter;
          break;
        case 1:
          bytes.insert(at, 1, letter);
          break;
        default:
          bytes.erase(at, 1);
      }
    }
    const auto plain = recognise_plain_answer(bytes);
    if (!plain.has_value()) {
      continue;
    }
    ++accepted;
    std::string body;
    std::size_t consumed = 0;
    const HttpResponseParser parser = by_general_parser(bytes, body, consumed);
    ASSERT_EQ(parser.state(), HttpResponseParser::State::kComplete) << bytes;
    ASSERT_EQ(parser.status(), plain->status) << bytes;
    ASSERT_EQ(parser.keep_alive(), plain->keep_alive) << bytes;
    ASSERT_EQ(parser.header_bytes(), plain->header_bytes) << bytes;
    ASSERT_EQ(consumed, plain->header_bytes + plain->body_bytes) << bytes;
    ASSERT_EQ(body, bytes.substr(plain->header_bytes, plain->body_bytes)) << bytes;

    HttpResponseParser short_way;
    std::string short_body;
    short_way.capture_body(short_body, 1024);
    ASSERT_EQ(short_way.feed(bytes).consumed, consumed) << bytes;
    ASSERT_EQ(short_way.header_bytes(), parser.header_bytes()) << bytes;
    ASSERT_EQ(short_way.wire_bytes(), parser.wire_bytes()) << bytes;
    ASSERT_EQ(short_way.body_bytes(), parser.body_bytes()) << bytes;
    ASSERT_EQ(short_body, body) << bytes;
    ASSERT_TRUE(short_way.header_complete());
  }
  EXPECT_GT(accepted, 40'000U);
}

TEST(PlainAnswerOf, ParserUsesItOncePerResetAndKeepsItsLimits) {
  HttpResponseParser parser(60);
  EXPECT_EQ(parser.feed(kOrdinary).state, HttpResponseParser::State::kHeaderTooLarge);
  HttpResponseParser roomy;
  for (int i = 0; i < 3; ++i) {
    roomy.reset(false);
    EXPECT_EQ(roomy.feed(kOrdinary).state, HttpResponseParser::State::kComplete);
    EXPECT_EQ(roomy.feed("x").consumed, 0U);
    EXPECT_EQ(roomy.finish(), HttpResponseParser::Ending::kComplete);
  }
  roomy.reset(true);  // an answer to HEAD ends with its header
  EXPECT_EQ(roomy.feed(kOrdinary).consumed, kOrdinary.size() - 5);
}

}  // namespace
}  // namespace squall::net
