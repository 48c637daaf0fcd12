#include "loadgen/net/http_response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall::net {
namespace {

using State = HttpResponseParser::State;
using Ending = HttpResponseParser::Ending;

struct Case {
  const char* name;
  std::string bytes;
  State state = State::kComplete;
  int status = 200;
  bool keep_alive = true;
  std::string body = {};
  bool head_only = false;
  std::string after = {};  // bytes that are not part of the answer
};

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) {
    result.append(text);
  }
  return result;
}

std::vector<Case> cases() {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  return {
      {"content length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", State::kComplete, 200,
       true, "hello"},
      {"empty body", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", State::kComplete, 201},
      {"bytes after it", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", State::kComplete, 200,
       true, "hi", false, "HTTP/1.1 "},
      {"chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
       "chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
       State::kComplete, 200, true, "abc0123456789", false, "x"},
      {"chunked and empty", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       State::kComplete, 200, true, "", false, "HTTP"},
      {"chunk extensions and trailers",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3;a=b;c=\"d\"\r\nabc\r\n0;last\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
       State::kComplete, 200, true, "abc"},
      {"one interim answer", interim + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
       State::kComplete, 200, true, "hi"},
      {"interim answers with headers",
       "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\n" + interim +
           "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nn",
       State::kComplete, 404, true, "n"},
      {"as many interim answers as allowed", repeated(interim, 32) + "HTTP/1.1 204 None\r\n\r\n",
       State::kComplete, 204},
      {"one interim answer too many", repeated(interim, 33), State::kMalformed, 0, false},
      {"switching protocols is final", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
       State::kComplete, 101, false, "", false, "\x01\x02"},
      {"204 has no body", "HTTP/1.1 204 None\r\nContent-Length: 3\r\n\r\n", State::kComplete, 204,
       true, "", false, "abc"},
      {"304 has no body", "HTTP/1.1 304 Same\r\nContent-Length: 3\r\n\r\n", State::kComplete, 304},
      {"head has no body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", State::kComplete, 200,
       true, "", true},
      {"head chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", State::kComplete,
       200, true, "", true},
      {"head without length", "HTTP/1.1 200 OK\r\n\r\n", State::kComplete, 200, true, "", true},
      {"connection close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
       State::kComplete, 200, false, "a"},
      {"connection close among tokens",
       "HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 0\r\n\r\n", State::kComplete,
       200, false},
      {"http 1.0 closes", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", State::kComplete, 200,
       false, "a"},
      {"http 1.0 keep-alive",
       "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", State::kComplete,
       200, true, "a"},
      {"folded header line", "HTTP/1.1 200 OK\r\nX-Long: a\r\n\t b\r\nContent-Length: 1\r\n\r\na",
       State::kComplete, 200, true, "a"},
      {"empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"},
      {"repeated equal lengths",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", State::kComplete, 200,
       true, "a"},
      {"garbage", "\x16\x03\x01 tls?", State::kMalformed, 0, false},
      {"garbage that begins well", "HTTP/1.1 2x0 OK\r\n\r\n", State::kMalformed, 0, false},
      {"version 2", "HTTP/2.0 200 OK\r\n\r\n", State::kMalformed, 0, false},
      {"status below 100", "HTTP/1.1 099 No\r\n\r\n", State::kMalformed, 0, false},
      {"conflicting lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naa",
       State::kMalformed, 200, false},
      {"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", State::kMalformed, 200,
       false},
      {"length and chunked",
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       State::kMalformed, 200, false},
      {"bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
       State::kMalformed, 200, false},
      {"chunk longer than its size",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
       State::kMalformed, 200, false, "abc"},
      {"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", State::kMalformed, 0, false},
  };
}

struct Outcome {
  State state = State::kNeedMore;
  std::size_t consumed = 0;
  std::string body;
};

// Feeds the pieces in order until one of them decides, as a connection would.
Outcome feed_all(HttpResponseParser& parser, const std::vector<std::string>& pieces) {
  Outcome outcome;
  parser.capture_body(outcome.body, 1'000'000);
  for (const std::string& piece : pieces) {
    // A copy of its own, so that the sanitizer sees every byte read beyond the piece or after the
    // call.
    const std::vector<char> bytes(piece.begin(), piece.end());
    const HttpResponseParser::Fed fed = parser.feed({bytes.data(), bytes.size()});
    outcome.state = fed.state;
    outcome.consumed += fed.consumed;
    if (fed.state != State::kNeedMore) {
      break;
    }
    EXPECT_EQ(fed.consumed, piece.size());
  }
  return outcome;
}

void expect_case(const HttpResponseParser& parser, const Case& expected, const Outcome& outcome) {
  EXPECT_EQ(outcome.state, expected.state) << parser.problem();
  EXPECT_EQ(parser.status(), expected.status);
  EXPECT_EQ(parser.keep_alive(), expected.keep_alive);
  EXPECT_EQ(outcome.body, expected.body);
  EXPECT_EQ(parser.body_bytes(), expected.body.size());
  if (expected.state == State::kComplete) {
    EXPECT_EQ(outcome.consumed, expected.bytes.size());
    EXPECT_EQ(parser.wire_bytes(), expected.bytes.size());
    EXPECT_TRUE(parser.problem().empty());
  } else {
    EXPECT_FALSE(parser.problem().empty());
  }
}

TEST(HttpResponseParser, whole_answers) {
  HttpResponseParser parser;
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    parser.reset(each.head_only);
    const Outcome outcome = feed_all(parser, {each.bytes + each.after});
    expect_case(parser, each, outcome);
  }
}

TEST(HttpResponseParser, every_split_into_two) {
  HttpResponseParser parser;
  for (const Case& each : cases()) {
    const std::string all = each.bytes + each.after;
    for (std::size_t at = 1; at < all.size(); ++at) {
      SCOPED_TRACE(std::string(each.name) + " split at " + std::to_string(at));
      parser.reset(each.head_only);
      const Outcome outcome = feed_all(parser, {all.substr(0, at), all.substr(at)});
      expect_case(parser, each, outcome);
    }
  }
}

TEST(HttpResponseParser, every_split_into_three_of_short_ones) {
  HttpResponseParser parser;
  for (const Case& each : cases()) {
    const std::string all = each.bytes + each.after;
    if (all.size() > 120) {
      continue;
    }
    for (std::size_t first = 1; first < all.size(); ++first) {
      for (std::size_t second = first + 1; second < all.size(); ++second) {
        parser.reset(each.head_only);
        const Outcome outcome = feed_all(
            parser, {all.substr(0, first), all.substr(first, second - first), all.substr(second)});
        ASSERT_EQ(outcome.state, each.state) << each.name << " at " << first << ", " << second;
        ASSERT_EQ(outcome.body, each.body) << each.name << " at " << first << ", " << second;
      }
    }
  }
}

TEST(HttpResponseParser, byte_by_byte) {
  HttpResponseParser parser;
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.name);
    std::vector<std::string> bytes;
    for (const char byte : each.bytes + each.after) {
      bytes.emplace_back(1, byte);
    }
    parser.reset(each.head_only);
    const Outcome outcome = feed_all(parser, bytes);
    expect_case(parser, each, outcome);
  }
}

TEST(HttpResponseParser, says_at_the_first_byte_that_it_is_no_http) {
  HttpResponseParser parser;
  EXPECT_EQ(parser.feed("S").state, State::kMalformed);
  EXPECT_EQ(parser.problem(), "bad version");
  // It stays so until reset().
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\n\r\n").consumed, 0U);
  EXPECT_EQ(parser.state(), State::kMalformed);
  EXPECT_EQ(parser.finish(), Ending::kClosedEarly);
}

TEST(HttpResponseParser, body_until_the_end_of_the_connection) {
  HttpResponseParser parser;
  std::string body;
  parser.capture_body(body, 100);
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\n\r\nsome").state, State::kNeedMore);
  EXPECT_TRUE(parser.header_complete());
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_EQ(parser.feed("thing").state, State::kNeedMore);
  EXPECT_EQ(parser.finish(), Ending::kComplete);
  EXPECT_EQ(parser.state(), State::kComplete);
  EXPECT_EQ(body, "something");
}

TEST(HttpResponseParser, empty_body_until_the_end_of_the_connection) {
  HttpResponseParser parser;
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\n\r\n").state, State::kNeedMore);
  EXPECT_EQ(parser.finish(), Ending::kComplete);
}

TEST(HttpResponseParser, closed_early_at_every_byte) {
  HttpResponseParser parser;
  for (const std::string& all :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}) {
    for (std::size_t cut = 0; cut < all.size(); ++cut) {
      parser.reset(false);
      EXPECT_EQ(parser.feed(all.substr(0, cut)).state, State::kNeedMore) << cut;
      EXPECT_EQ(parser.started(), cut > 0);
      EXPECT_EQ(parser.finish(), Ending::kClosedEarly) << cut;
    }
    parser.reset(false);
    EXPECT_EQ(parser.feed(all).state, State::kComplete);
    EXPECT_EQ(parser.finish(), Ending::kComplete);
  }
}

TEST(HttpResponseParser, header_limit_in_one_piece_and_in_many) {
  constexpr std::uint32_t kLimit = 200;
  const std::string long_value = "HTTP/1.1 200 OK\r\nX: " + std::string(300, 'v') + "\r\n\r\n";
  const std::string many_fields = "HTTP/1.1 200 OK\r\n" + repeated("A: b\r\n", 100) + "\r\n";
  const std::string long_reason = "HTTP/1.1 200 " + std::string(300, 'r') + "\r\n\r\n";
  HttpResponseParser parser(kLimit);
  for (const std::string& all : {long_value, many_fields, long_reason}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}, all.size()}) {
      parser.reset(false);
      State state = State::kNeedMore;
      std::size_t fed = 0;
      while (state == State::kNeedMore && fed < all.size()) {
        state = parser.feed(all.substr(fed, piece)).state;
        fed += std::min(piece, all.size() - fed);
      }
      EXPECT_EQ(state, State::kHeaderTooLarge) << piece;
      EXPECT_LE(fed, std::max<std::size_t>(kLimit + piece, piece));
    }
  }
}

TEST(HttpResponseParser, header_of_exactly_the_limit) {
  std::string all = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: ";
  all.append(196 - all.size(), 'v').append("\r\n\r\n");
  ASSERT_EQ(all.size(), 200U);
  for (const std::uint32_t limit : {199U, 200U}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{201}}) {
      HttpResponseParser parser(limit);
      State state = State::kNeedMore;
      for (std::size_t at = 0; at < all.size() + 1; at += piece) {
        state = parser.feed((all + "b").substr(at, piece)).state;
      }
      EXPECT_EQ(state, limit == 200 ? State::kComplete : State::kHeaderTooLarge) << piece;
    }
  }
}

TEST(HttpResponseParser, endless_chunk_header_and_trailers_are_limited) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& endless :
       {std::string("5;x=") + std::string(2000, 'y'), "0\r\n" + repeated("T: v\r\n", 500),
        std::string("0;q=\"") + repeated("\r\n\r\n", 1000), std::string(2000, '0')}) {
    HttpResponseParser parser(500);
    ASSERT_EQ(parser.feed(head).state, State::kNeedMore);
    State state = State::kNeedMore;
    std::size_t fed = 0;
    for (; fed < endless.size() && state == State::kNeedMore; ++fed) {
      state = parser.feed(endless.substr(fed, 1)).state;
    }
    EXPECT_NE(state, State::kNeedMore);
    EXPECT_LE(fed, 502U);
  }
}

TEST(HttpResponseParser, bodies_beyond_beasts_own_limit) {
  constexpr std::size_t kPieces = 2048;
  const std::string piece(64UL * 1024, 'x');
  HttpResponseParser parser;
  std::string body;
  parser.capture_body(body, 10);
  ASSERT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 134217728\r\n\r\n").state,
            State::kNeedMore);
  HttpResponseParser::Fed fed;
  for (std::size_t i = 0; i < kPieces; ++i) {
    fed = parser.feed(piece);
  }
  EXPECT_EQ(fed.state, State::kComplete);
  EXPECT_EQ(parser.body_bytes(), kPieces * piece.size());
  EXPECT_EQ(body, "xxxxxxxxxx");
  EXPECT_TRUE(parser.capture_truncated());

  parser.reset(false);
  ASSERT_EQ(parser.feed("HTTP/1.1 200 OK\r\n\r\n").state, State::kNeedMore);
  for (std::size_t i = 0; i < kPieces; ++i) {
    fed = parser.feed(piece);
  }
  EXPECT_EQ(fed.state, State::kNeedMore);
  EXPECT_EQ(parser.finish(), Ending::kComplete);
  EXPECT_EQ(parser.body_bytes(), kPieces * piece.size());
}

TEST(HttpResponseParser, one_capture_per_answer) {
  HttpResponseParser parser;
  std::string body;
  parser.capture_body(body, 4);
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour").state,
            State::kComplete);
  EXPECT_FALSE(parser.capture_truncated());
  parser.reset(false);
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore").state,
            State::kComplete);
  EXPECT_EQ(body, "four");
}

using Fields = std::vector<std::pair<std::string, std::string>>;

void keep_field(void* context, std::string_view name, std::string_view value) noexcept {
  static_cast<Fields*>(context)->emplace_back(name, value);
}

TEST(HttpResponseParser, fields_of_the_final_answer_only) {
  HttpResponseParser parser;
  Fields fields;
  parser.on_header(keep_field, &fields);
  parser.reset(false);
  EXPECT_EQ(parser
                .feed("HTTP/1.1 103 Hints\r\nLink: no\r\n\r\n"
                      "HTTP/1.1 503 Busy\r\nRetry-After:  3 \r\nTransfer-Encoding: chunked\r\n\r\n"
                      "1\r\na\r\n0\r\nTrailer: no\r\n\r\n")
                .state,
            State::kComplete);
  EXPECT_EQ(fields, (Fields{{"Retry-After", "3"}, {"Transfer-Encoding", "chunked"}}));
  EXPECT_EQ(parser.interim_answers(), 1U);
}

TEST(HttpResponseParser, counts_header_bytes_on_the_wire) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  for (std::size_t at = 1; at < head.size(); ++at) {
    HttpResponseParser parser;
    parser.feed(head.substr(0, at));
    parser.feed(head.substr(at) + "abc");
    EXPECT_EQ(parser.header_bytes(), head.size());
    EXPECT_EQ(parser.wire_bytes(), head.size() + 3);
  }
}

}  // namespace
}  // namespace squall::net
