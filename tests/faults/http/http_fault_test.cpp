// What each HTTP fault does, to the byte and by the clock.
#include <gtest/gtest.h>

#include "tests/faults/http/http_fault_case.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(HttpStatus, answers_itself_when_the_request_is_whole_and_keeps_the_connection) {
  RelayCase test;
  const ToxicEntry& toxic =
      test.add("status", "status = 503\nbody = \"busy\"\nheaders = [\"X-A: b\"]\n");
  test.client(kPost.substr(0, kPost.size() - 1));
  EXPECT_EQ(test.to_client, "");
  test.client(kPost.substr(kPost.size() - 1));
  const std::string answer =
      "HTTP/1.1 503 Service Unavailable\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbusy";
  EXPECT_EQ(test.take_client(), answer);
  EXPECT_EQ(test.to_server, "");
  test.client("HEAD / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(test.take_client(), answer.substr(0, answer.size() - 4));
  EXPECT_EQ(test.client_end, std::nullopt);
  expect_counts(toxic, 2, 2, 0);
  const auto seen = test.log.take().exchanges;
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].status, 503);
  EXPECT_FALSE(seen[0].asked);
  EXPECT_EQ(seen[0].upstream_calls(), 0U);
  EXPECT_EQ(seen[0].faults, std::vector<std::string>{"status"});
}

TEST(HttpStatus, closes_when_the_client_said_so_or_waits_for_an_invitation) {
  for (const std::string request :
       {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"}) {
    RelayCase test;
    test.add("status", "");
    test.client(request);
    EXPECT_EQ(test.to_client,
              "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(test.client_end, EndKind::kEnd);
    EXPECT_EQ(test.server_end, EndKind::kEnd);
  }
}

TEST(HttpStatus, answers_in_the_order_of_the_requests) {
  RelayCase test;
  test.add("status", "every_nth = 2\n");
  test.client(kGet + kGet + kGet);
  EXPECT_EQ(test.to_server, kGet + kGet);
  EXPECT_EQ(test.to_client, "");
  test.server(kOk + kOk);
  const std::string busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(test.to_client, kOk + busy + kOk);
}

TEST(HttpStatus, waits_for_a_client_that_does_not_read) {
  RelayCase test;
  test.room = false;
  test.add("status", "");
  for (int i = 0; i < 100; ++i) {
    test.client(kGet);
  }
  EXPECT_EQ(test.to_client, "");
  EXPECT_FALSE(test.relay->wants_data(Direction::kUpstream));
  test.room = true;
  test.relay->pump();
  EXPECT_EQ(test.log.take().exchanges.size(), 100U);
}

TEST(HttpDelay, holds_requests_and_all_that_comes_behind_them) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("delay", "delay = \"250ms\"\nfirst_n = 1\n");
  test.client(kGet + kGet);
  test.advance(milliseconds(249));
  EXPECT_EQ(test.to_server, "");
  EXPECT_FALSE(test.relay->wants_data(Direction::kUpstream));
  test.advance(milliseconds(1));
  EXPECT_EQ(test.to_server, kGet + kGet);
  test.server(kOk + kOk);
  EXPECT_EQ(test.to_client, kOk + kOk);
  expect_counts(toxic, 1, 1, 0);
}

TEST(HttpDelay, holds_answers_that_the_upstream_has_given) {
  RelayCase test;
  test.add("delay", "delay = \"1s\"\nat = \"answer\"\n");
  test.client(kGet);
  EXPECT_EQ(test.to_server, kGet);
  test.server(kOk);
  test.relay->on_end(Direction::kDownstream, EndKind::kEnd);
  test.advance(milliseconds(999));
  EXPECT_EQ(test.to_client, "");
  EXPECT_EQ(test.client_end, std::nullopt);
  test.advance(milliseconds(1));
  EXPECT_EQ(test.to_client, kOk);
  EXPECT_EQ(test.client_end, EndKind::kEnd);
  EXPECT_EQ(test.exchange().first_byte, seconds(1));
}

TEST(HttpDelay, adds_up_and_delays_what_another_fault_answers) {
  RelayCase test;
  test.add("delay", "delay = \"100ms\"\n");
  test.add("delay", "delay = \"50ms\"\n");
  test.add("status", "");
  test.add("delay", "delay = \"30ms\"\nat = \"answer\"\n");
  test.client(kGet);
  test.advance(milliseconds(179));
  EXPECT_EQ(test.to_client, "");
  test.advance(milliseconds(1));
  EXPECT_NE(test.to_client, "");
  EXPECT_EQ(test.exchange().faults,
            (std::vector<std::string>{"delay", "delay", "delay", "status"}));
}

TEST(HttpAbort, after_the_upstream_has_executed_loses_the_answer_and_proves_it) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("abort", "at = \"after\"\n");
  test.client(kPost);
  EXPECT_EQ(test.to_server, kPost);
  test.server(kOk.substr(0, kOk.size() - 1));
  EXPECT_EQ(test.client_end, std::nullopt);
  test.server(kOk.substr(kOk.size() - 1));
  EXPECT_EQ(test.to_client, "");
  EXPECT_EQ(test.client_end, EndKind::kReset);
  EXPECT_EQ(test.server_end, EndKind::kEnd);
  expect_counts(toxic, 1, 1, 0);
  EXPECT_EQ(toxic.counters.executed, 1U);
  EXPECT_EQ(test.fired,
            std::vector<std::string>{"request 0: the upstream had answered 200, whole"});
  const model::ProxyExchange seen = test.exchange();
  EXPECT_EQ(seen.status, 0);
  EXPECT_EQ(seen.upstream_status, 200);
  EXPECT_TRUE(seen.executed);
  EXPECT_EQ(seen.faults, std::vector<std::string>{"abort"});
}

TEST(HttpAbort, before_never_asks_the_upstream) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("abort", "at = \"before\"\nclose = \"fin\"\n");
  test.client(kPost.substr(0, kPost.size() - 4));
  EXPECT_EQ(test.to_server, "");
  EXPECT_EQ(test.client_end, EndKind::kEnd);
  expect_counts(toxic, 1, 1, 0);
  EXPECT_FALSE(test.exchange().asked);
}

TEST(HttpEmptyReply, reads_the_request_and_closes) {
  RelayCase test;
  test.add("empty_reply", "");
  test.client(kPost.substr(0, kPost.size() - 1));
  EXPECT_EQ(test.client_end, std::nullopt);
  test.client("y");
  EXPECT_EQ(test.client_end, EndKind::kEnd);
  EXPECT_EQ(test.to_client + test.to_server, "");
}

TEST(HttpDuplicate, sends_copies_and_gives_the_answer_that_is_there_first) {
  RelayCase test;
  test.add("duplicate", "copies = 3\n");
  test.add("header_set", "headers = [\"X-A: b\"]\nmessage = \"request\"\n");
  test.client(kPost);
  const std::string request = "POST /a HTTP/1.1\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody";
  EXPECT_EQ(test.take_server(), request);
  ASSERT_EQ(test.copies.size(), 1U);
  EXPECT_EQ(test.copies[0].copies, 2U);
  EXPECT_EQ(test.copies[0].request, request);
  const std::string from_copy = "HTTP/1.1 201 Copy\r\nContent-Length: 2\r\n\r\nok";
  test.relay->on_copy_answered(test.copies[0].number, from_copy);
  EXPECT_EQ(test.take_client(), from_copy);
  test.client(kGet);
  EXPECT_EQ(test.copies.size(), 2U);
  test.server(kOk);  // to the first request: thrown away
  EXPECT_EQ(test.take_client(), "");
  test.server(kOk);
  EXPECT_EQ(test.take_client(), kOk);
  test.relay->on_copy_answered(test.copies[0].number, from_copy);  // too late
  test.relay->on_copy_answered(test.copies[1].number, from_copy);
  EXPECT_EQ(test.take_client(), "");
  EXPECT_TRUE(test.log.take().exchanges.empty());  // copies are parts of them
}

TEST(HttpDuplicate, waits_for_a_copy_when_the_upstream_closes_the_links_own_connection) {
  RelayCase test;
  test.add("duplicate", "");
  test.client(kPost);
  test.relay->on_end(Direction::kDownstream, EndKind::kEnd);
  EXPECT_EQ(test.client_end, std::nullopt);
  test.relay->on_copy_answered(test.copies[0].number, kOk);
  EXPECT_EQ(test.to_client, kOk);
  EXPECT_EQ(test.client_end, EndKind::kEnd);
}

TEST(HttpTruncate, cuts_by_bytes_and_by_share) {
  RelayCase bytes;
  const ToxicEntry& toxic = bytes.add("truncate", "bytes = \"2B\"\nclose = \"reset\"\n");
  bytes.client(kGet);
  bytes.server(kOk);
  EXPECT_EQ(bytes.to_client, kOk.substr(0, kOk.size() - 3));
  EXPECT_EQ(bytes.client_end, EndKind::kReset);
  expect_counts(toxic, 1, 1, 0);
  EXPECT_EQ(bytes.exchange().last_byte, std::nullopt);

  RelayCase share;
  share.add("truncate", "fraction = \"50%\"\n");
  share.client(kGet);
  share.server(kChunked);
  EXPECT_EQ(share.to_client, kChunked.substr(0, kChunked.size() - 11));
  EXPECT_EQ(share.client_end, EndKind::kEnd);
}

TEST(HttpTruncate, is_preempted_by_a_body_that_is_no_longer) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("truncate", "bytes = \"5B\"\n");
  test.client(kGet);
  test.server(kOk);
  EXPECT_EQ(test.to_client, kOk);
  EXPECT_EQ(test.client_end, std::nullopt);
  expect_counts(toxic, 1, 0, 1);
  EXPECT_EQ(toxic.counters.reasons, std::vector<std::string>{"the body was no longer than that"});
}

TEST(HttpMalformedChunk, sends_half_of_the_body_and_a_wrong_chunk_header) {
  RelayCase test;
  test.add("malformed_chunk", "");
  test.client(kGet);
  test.server(kOk);
  EXPECT_EQ(test.to_client,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nsquall\r\n");
  EXPECT_EQ(test.client_end, EndKind::kEnd);
}

TEST(HttpGarbage, is_the_same_for_the_same_seed_and_request) {
  const auto garbage = [](std::uint64_t seed) {
    RelayCase test(seed);
    test.add("garbage", "bytes = \"64B\"\n");
    test.client(kGet);
    test.server(kOk);
    EXPECT_EQ(test.client_end, EndKind::kEnd);
    return test.to_client;
  };
  EXPECT_EQ(garbage(1).size(), 64U);
  EXPECT_EQ(garbage(1), garbage(1));
  EXPECT_NE(garbage(1), garbage(2));
}

TEST(HttpBodyReplace, keeps_the_length_right) {
  RelayCase whole;
  whole.add("body_replace", "body = \"<p>login</p>\"\n");
  whole.client(kGet);
  whole.server(kChunked);
  EXPECT_EQ(whole.to_client, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<p>login</p>");

  RelayCase part;
  part.add("body_replace", "find = '\"amount\": (\\d)'\nwith = '\"amount\": \\1\\1'\n");
  part.client(kGet);
  part.server(kJson);
  EXPECT_EQ(part.to_client,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n"
            R"({"status": "ok",  "amount": 77})");

  RelayCase request;
  request.add("body_replace", "body = \"x\"\nmessage = \"request\"\n");
  request.client(kPost);
  EXPECT_EQ(request.to_server, "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
}

TEST(HttpBodyPatch, changes_one_value_and_no_other_byte) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("body_patch", "pointer = \"/status\"\nvalue = 'null'\n");
  test.client(kGet + kGet);
  test.server(kJson);
  EXPECT_EQ(test.take_client(),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"
            R"({"status": null,  "amount": 7})");
  test.server(kOk);
  EXPECT_EQ(test.take_client(), kOk);
  expect_counts(toxic, 2, 1, 1);
  EXPECT_EQ(toxic.counters.reasons,
            std::vector<std::string>{"the body has no JSON value at /status"});
}

TEST(HttpBodyPatch, takes_nothing_that_is_no_json) {
  const ToxicKind& kind = *all_http_faults().find("http_body_patch");
  for (const std::string value : {"pending", "truee", "1x", "[1}", "{", "", "1 2"}) {
    const auto given = expr::parse_toml("value = '" + value + "'\n", "test.toml");
    const auto refused =
        compile_http_toxic(kind, complete_attributes(kind, {expr::Table{}, {}}, *given));
    ASSERT_FALSE(refused.has_value()) << value;
    EXPECT_NE(refused.error().message.find("is no JSON"), std::string::npos)
        << refused.error().message;
  }
}

TEST(HttpBodyReplace, lets_what_is_too_long_pass_as_it_is) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("body_replace", "body = \"x\"\n");
  test.client(kGet);
  std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 200; ++i) {
    answer += "2000\r\n" + std::string(0x2000, 'x') + "\r\n";
  }
  answer += "0\r\n\r\n";
  for (std::size_t at = 0; at < answer.size(); at += 10'000) {
    test.server(std::string_view(answer).substr(at, 10'000));
  }
  EXPECT_TRUE(test.to_client == answer);
  expect_counts(toxic, 1, 0, 1);
}

TEST(HttpHeader, is_set_and_removed_and_the_rest_stays_as_it_was) {
  RelayCase test;
  test.add("header_set", "headers = [\"ETag: new\", \"X-A: b\"]\n");
  test.add("header_remove", "names = [\"Server\"]\n");
  test.client(kGet);
  test.server("HTTP/1.1 200  odd\r\netag:\told\r\nServer: x\r\ncontent-LENGTH:0\r\n\r\n");
  EXPECT_EQ(test.to_client, "HTTP/1.1 200  odd\r\netag: new\r\ncontent-LENGTH:0\r\nX-A: b\r\n\r\n");
  EXPECT_EQ(test.exchange().faults, (std::vector<std::string>{"header_set", "header_remove"}));
}

TEST(HttpDateSkew, moves_every_date) {
  RelayCase test;
  test.add("date_skew", "by = \"1h\"\ntowards = \"past\"\n");
  test.client(kGet);
  test.server(
      "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nAge: 4000\r\n"
      "Expires: 0\r\nLast-Modified: Tue, 14 Nov 2023 00:30:00 GMT\r\nRetry-After: 120\r\n"
      "Set-Cookie: a=b; Expires=Wed, 15-Nov-2023 00:00:00 GMT; Path=/\r\n"
      "X-Date: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(test.to_client,
            "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 21:13:20 GMT\r\nAge: 400\r\n"
            "Expires: 0\r\nLast-Modified: Mon, 13 Nov 2023 23:30:00 GMT\r\nRetry-After: 0\r\n"
            "Set-Cookie: a=b; Expires=Tue, 14 Nov 2023 23:00:00 GMT; Path=/\r\n"
            "X-Date: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpQuota, lets_so_many_through_per_window) {
  RelayCase test;
  const ToxicEntry& toxic = test.add("quota", "requests = 2\nper = \"10s\"\n");
  const auto ask = [&test] {
    test.client(kGet);
    if (!test.take_server().empty()) {
      test.server(kOk);
    }
    return test.take_client();
  };
  EXPECT_EQ(ask(), kOk);
  EXPECT_EQ(ask(), kOk);
  test.advance(milliseconds(2500));
  EXPECT_EQ(ask(), "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 8\r\nContent-Length: 0\r\n\r\n");
  test.advance(milliseconds(7500));
  EXPECT_EQ(ask(), kOk);
  expect_counts(toxic, 1, 1, 0);
}

TEST(HttpSlowBody, sends_at_its_speed) {
  RelayCase test;
  test.add("slow_body", "bytes_per_second = \"100B\"\n");
  test.client(kGet + kGet);
  const std::string body(50, 'x');
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n";
  test.server(head + body + kOk);
  EXPECT_FALSE(test.relay->wants_data(Direction::kDownstream));
  EXPECT_EQ(test.to_client, head + body.substr(0, 5));
  test.advance(milliseconds(200));
  EXPECT_EQ(test.to_client, head + body.substr(0, 25));
  test.advance(milliseconds(300));
  EXPECT_EQ(test.to_client, head + body + kOk);
}

}  // namespace
}  // namespace squall::faults
