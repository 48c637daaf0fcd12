#include "loadgen/net/http_request_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace squall::net {
namespace {

using State = HttpRequestParser::State;

constexpr HttpRequestParser::Limits kLimits{.max_header_bytes = 300, .max_body_bytes = 20};

struct Case {
  const char* name;
  std::string bytes;
  State state = State::kComplete;
  int refuse_with = 0;
  std::string method = "GET";
  std::string target = "/";
  std::string body = {};
  bool keep_alive = true;
};

std::vector<Case> cases() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
  return {
      {"plain", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"query", "DELETE /a?b=c HTTP/1.1\r\n\r\n", State::kComplete, 0, "DELETE", "/a?b=c"},
      {"unknown method", "FROB /x HTTP/1.1\r\n\r\n", State::kComplete, 0, "FROB", "/x"},
      {"body", "POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", State::kComplete, 0, "POST",
       "/p", "hello"},
      {"body of the limit", "POST /p HTTP/1.1\r\nContent-Length: 20\r\n\r\n01234567890123456789",
       State::kComplete, 0, "POST", "/p", "01234567890123456789"},
      {"chunked", "POST /p HTTP/1.1\r\n" + chunked + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n",
       State::kComplete, 0, "POST", "/p", "abcde"},
      {"chunked and empty", "POST /p HTTP/1.1\r\n" + chunked + "0\r\n\r\n", State::kComplete, 0,
       "POST", "/p"},
      {"closes", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", State::kComplete, 0, "GET", "/", "",
       false},
      {"1.0 closes", "GET / HTTP/1.0\r\n\r\n", State::kComplete, 0, "GET", "/", "", false},
      {"1.0 keeps", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"},
      {"garbage", "\x16\x03\x01 garbage\r\n\r\n", State::kRejected, 400},
      {"version 2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", State::kRejected, 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: x\n\n", State::kRejected, 400},
      {"conflicting lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
       State::kRejected, 400},
      {"length and chunked", "POST / HTTP/1.1\r\nContent-Length: 1\r\n" + chunked + "0\r\n\r\n",
       State::kRejected, 400},
      {"other transfer coding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
       State::kRejected, 501},
      {"chunked not last", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
       State::kRejected, 501},
      {"two codings", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n" + chunked + "0\r\n\r\n",
       State::kRejected, 501},
      {"length above the limit", "POST / HTTP/1.1\r\nContent-Length: 21\r\n\r\n", State::kRejected,
       413},
      {"chunks above the limit", "POST / HTTP/1.1\r\n" + chunked + "F\r\n012345678901234\r\n6\r\n",
       State::kRejected, 413},
      {"header above the limit", "GET / HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n\r\n",
       State::kRejected, 431},
      {"target above the limit", "GET /" + std::string(300, 'x') + " HTTP/1.1\r\n\r\n",
       State::kRejected, 431},
  };
}

void expect_case(const Case& expected, const std::vector<std::string>& pieces) {
  HttpRequestParser parser(kLimits);
  State state = State::kNeedMore;
  std::size_t consumed = 0;
  for (const std::string& piece : pieces) {
    const std::vector<char> bytes(piece.begin(), piece.end());
    const HttpRequestParser::Fed fed = parser.feed({bytes.data(), bytes.size()});
    state = fed.state;
    consumed += fed.consumed;
    if (state != State::kNeedMore) {
      break;
    }
  }
  ASSERT_EQ(state, expected.state) << parser.problem();
  EXPECT_EQ(parser.refuse_with(), expected.refuse_with) << parser.problem();
  if (state == State::kRejected) {
    EXPECT_FALSE(parser.problem().empty());
    return;
  }
  EXPECT_EQ(consumed, expected.bytes.size());
  EXPECT_EQ(parser.keep_alive(), expected.keep_alive);
  const ServerRequest request = parser.take_request();
  EXPECT_EQ(request.method, expected.method);
  EXPECT_EQ(request.target, expected.target);
  EXPECT_EQ(request.body, expected.body);
  EXPECT_EQ(request.header("T"), "");  // of a trailer
  EXPECT_FALSE(parser.started());
}

TEST(HttpRequestParser, whole_and_at_every_split) {
  for (const Case& each : cases()) {
    const std::string all = each.bytes + "GET /next HTTP/1.1\r\n\r\n";
    SCOPED_TRACE(each.name);
    expect_case(each, {all});
    for (std::size_t at = 1; at < all.size(); ++at) {
      SCOPED_TRACE("split at " + std::to_string(at));
      expect_case(each, {all.substr(0, at), all.substr(at)});
    }
  }
}

TEST(HttpRequestParser, byte_by_byte) {
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    std::vector<std::string> bytes;
    for (const char byte : each.bytes) {
      bytes.emplace_back(1, byte);
    }
    expect_case(each, bytes);
  }
}

TEST(HttpRequestParser, one_request_after_the_other) {
  HttpRequestParser parser(kLimits);
  std::string_view bytes =
      "POST /1 HTTP/1.1\r\nContent-Length: 3\r\nA: b\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\n"
      "GET /3 HTTP/1.1\r\n\r\n";
  for (const char* target : {"/1", "/2", "/3"}) {
    const HttpRequestParser::Fed fed = parser.feed(bytes);
    ASSERT_EQ(fed.state, State::kComplete);
    bytes.remove_prefix(fed.consumed);
    const ServerRequest request = parser.take_request();
    EXPECT_EQ(request.target, target);
    EXPECT_EQ(request.header("a"), request.target == "/1" ? "b" : "");
  }
  EXPECT_TRUE(bytes.empty());
}

TEST(HttpRequestParser, expects_continue_until_the_body_is_there) {
  HttpRequestParser parser(kLimits);
  EXPECT_FALSE(parser.expects_continue());
  parser.feed("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n");
  EXPECT_FALSE(parser.expects_continue());
  parser.feed("\r\n");
  EXPECT_TRUE(parser.expects_continue());
  EXPECT_EQ(parser.feed("ab").state, State::kComplete);
  EXPECT_FALSE(parser.expects_continue());

  HttpRequestParser old(kLimits);
  old.feed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_FALSE(old.expects_continue());
}

TEST(HttpRequestParser, stays_rejected) {
  HttpRequestParser parser(kLimits);
  EXPECT_EQ(parser.feed("nonsense\r\n\r\n").state, State::kRejected);
  const HttpRequestParser::Fed fed = parser.feed("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(fed.state, State::kRejected);
  EXPECT_EQ(fed.consumed, 0U);
}

}  // namespace
}  // namespace squall::net
