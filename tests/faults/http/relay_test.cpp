#include <gtest/gtest.h>

#include <algorithm>

#include "tests/faults/http/relay_case.hpp"

namespace squall::faults {
namespace {

struct Turn {
  std::string client;
  std::string server;  // sent when all that the client has sent has arrived
};

struct Conversation {
  std::string name;
  std::vector<Turn> turns;
  std::uint64_t exchanges = 0;
  bool untouched = false;
  bool server_ends = false;
};

std::string chunked(const std::string& body) {
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += 7) {
    const std::string part = body.substr(at, 7);
    out += std::to_string(part.size()) + ";ext=\"a b\"\r\n" + part + "\r\n";
  }
  return out + "0\r\nX-Trailer: yes\r\n\r\n";
}

const std::string kGet = "GET /a/1 HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

std::vector<Conversation> conversations() {
  return {
      {"length", {{kGet, kOk}, {kGet, kOk}}, 2},
      {"post", {{"POST / HTTP/1.1\r\nHost: x\r\ncontent-length:   11\r\n\r\nhello world", kOk}}, 1},
      {"chunked",
       {{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked("what a long body"),
         "HTTP/1.1 200 Fine\r\nTransfer-Encoding:chunked\r\n\r\n" + chunked("and an answer")},
        {kGet, kOk}},
       2},
      {"head",
       {{"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"},
        {kGet, kOk}},
       2},
      {"interim",
       {{"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
         "HTTP/1.1 100 Continue\r\n\r\n"},
        {"ab", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + kOk}},
       1},
      {"pipelined", {{kGet + kGet + kGet, kOk + kOk + kOk}}, 3},
      {"no_content",
       {{kGet, "HTTP/1.1 204 No Content\r\n\r\n"}, {kGet, "HTTP/1.1 304 \r\nETag: x\r\n\r\n"}},
       2},
      {"until_end", {{kGet, "HTTP/1.0 200 OK\r\n\r\nall of it\r\n"}}, 1, false, true},
      {"continued_line", {{"GET / HTTP/1.1\r\nX: a\r\n  b\r\n\r\n", kOk}}, 1},
      {"upgrade",
       {{"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi"},
        {std::string("\x81\x00\x01", 3), std::string("\x00\xff", 2)}},
       1,
       true},
      {"upgrade_refused",
       {{"GET /ws HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n", kOk},
        {kGet, kOk}},
       2},
      {"connect",
       {{"CONNECT db:5432 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 Yes\r\n\r\n"},
        {std::string("\x00\x00\x00\x08", 4), "N"}},
       1,
       true},
      {"postgresql", {{std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8), "N"}}, 0, true},
      {"redis", {{"*1\r\n$4\r\nPING\r\n", "+PONG\r\n"}, {"PING\r\n", "+PONG\r\n"}}, 0, true},
      {"http_2", {{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x00"}}, 0, true},
      {"server_first", {{"", "220 mail ready\r\n"}, {"EHLO x\r\n", "250 ok\r\n"}}, 0, true},
      {"bare_line_feeds", {{"GET / HTTP/1.1\r\nHost: x\n\n", "ok"}}, 0, true},
      {"version_0_9", {{"GET /\r\n", "<p>"}}, 0, true},
      {"garbage_later", {{kGet, kOk}, {"\x16\x03\x01garbage", "\x15"}}, 1, true},
      {"garbage_answer", {{kGet, "no answer of HTTP\r\n"}, {kGet, "more"}}, 1, true},
      {"bad_chunk",
       {{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nrest",
         "HTTP/1.1 400 \r\n\r\n"}},
       1,
       true,
       true},
      {"bad_chunk_answer",
       {{kGet, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n"}},
       1,
       true},
      {"two_lengths",
       {{"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc", "x"}},
       0,
       true},
  };
}

void send_in_pieces(Rng& rng, std::string_view bytes, auto send) {
  while (!bytes.empty()) {
    const std::size_t most = rng.next_below(2) == 0 ? 3 : bytes.size();
    const std::size_t count = std::min<std::size_t>(1 + rng.next_below(most), bytes.size());
    send(bytes.substr(0, count));
    bytes.remove_prefix(count);
  }
}

TEST(HttpRelay, passes_every_byte_as_it_is_however_it_is_cut) {
  for (const Conversation& one : conversations()) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      SCOPED_TRACE(one.name + " " + std::to_string(seed));
      Rng rng(StreamId(seed, "relay", one.name));
      RelayCase test;
      std::string sent_by_client;
      std::string sent_by_server;
      for (const Turn& turn : one.turns) {
        sent_by_client += turn.client;
        send_in_pieces(rng, turn.client, [&](std::string_view bytes) { test.client(bytes); });
        ASSERT_EQ(test.to_server, sent_by_client);
        sent_by_server += turn.server;
        send_in_pieces(rng, turn.server, [&](std::string_view bytes) { test.server(bytes); });
        ASSERT_EQ(test.to_client, sent_by_server);
      }
      EXPECT_TRUE(test.relay->wants_data(Direction::kUpstream));
      EXPECT_TRUE(test.relay->wants_data(Direction::kDownstream));
      if (one.server_ends) {
        test.relay->on_end(Direction::kDownstream, EndKind::kEnd);
        EXPECT_EQ(test.client_end, EndKind::kEnd);
      }
      EXPECT_EQ(test.counters.exchanges, one.exchanges);
      EXPECT_EQ(test.counters.untouched_links, one.untouched ? 1U : 0U);
      test.relay->stop();
      EXPECT_EQ(test.log.take().exchanges.size(), one.exchanges);
    }
  }
}

// The upstream may answer before it has the whole request, and say more than was asked.
TEST(HttpRelay, passes_every_byte_whoever_speaks_first) {
  for (const Conversation& one : conversations()) {
    std::string client;
    std::string server;
    for (const Turn& turn : one.turns) {
      client += turn.client;
      server += turn.server;
    }
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      SCOPED_TRACE(one.name + " " + std::to_string(seed));
      Rng rng(StreamId(seed, "order", one.name));
      RelayCase test;
      std::string_view from_client = client;
      std::string_view from_server = server;
      while (!from_client.empty() || !from_server.empty()) {
        const bool client_speaks = rng.next_below(2) == 0;
        std::string_view& from = client_speaks ? from_client : from_server;
        const std::size_t count = std::min<std::size_t>(1 + rng.next_below(40), from.size());
        client_speaks ? test.client(from.substr(0, count)) : test.server(from.substr(0, count));
        from.remove_prefix(count);
      }
      EXPECT_EQ(test.to_server, client);
      EXPECT_EQ(test.to_client, server);
      test.relay->stop();
      EXPECT_EQ(test.log.take().exchanges.size(), test.counters.exchanges);
    }
  }
}

TEST(HttpRelay, an_answer_before_the_whole_request_ends_with_it) {
  RelayCase test;
  test.client("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc");
  test.server("HTTP/1.1 413 \r\nContent-Length: 0\r\n\r\n");
  EXPECT_NE(test.take_client(), "");  // at once
  EXPECT_TRUE(test.log.take().exchanges.empty());
  test.client("def" + kGet);
  EXPECT_EQ(test.exchange().status, 413);
  test.server(kOk);
  EXPECT_EQ(test.take_client(), kOk);
  EXPECT_EQ(test.exchange().status, 200);
}

TEST(HttpRelay, an_answer_before_a_request_that_is_cut_short_ends_with_it) {
  RelayCase test;
  const std::string cut = "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc";
  test.client(cut);
  test.server("HTTP/1.1 413 \r\nContent-Length: 0\r\n\r\n");
  test.relay->on_end(Direction::kUpstream, EndKind::kEnd);
  EXPECT_EQ(test.server_end, EndKind::kEnd);
  EXPECT_EQ(test.exchange().status, 413);
  test.take_client();
  test.server("what nobody asked for");
  EXPECT_EQ(test.take_client(), "what nobody asked for");
  test.relay->on_end(Direction::kDownstream, EndKind::kEnd);
  EXPECT_EQ(test.client_end, EndKind::kEnd);
  EXPECT_EQ(test.to_server, cut);
}

TEST(HttpRelay, passes_what_was_begun_when_a_side_ends) {
  RelayCase test;
  test.client("GET / HT");
  EXPECT_EQ(test.to_server, "");
  test.relay->on_end(Direction::kUpstream, EndKind::kReset);
  EXPECT_EQ(test.to_server, "GET / HT");
  EXPECT_EQ(test.server_end, EndKind::kReset);

  RelayCase other;
  other.client(kGet);
  other.server("HTTP/1.1 20");
  other.relay->on_end(Direction::kDownstream, EndKind::kEnd);
  EXPECT_EQ(other.to_client, "HTTP/1.1 20");
  EXPECT_EQ(other.client_end, EndKind::kEnd);
}

TEST(HttpRelay, passes_what_a_client_says_behind_the_end_of_the_upstream) {
  RelayCase test;
  test.client("GE");
  test.relay->on_end(Direction::kDownstream, EndKind::kEnd);
  EXPECT_EQ(test.client_end, EndKind::kEnd);
  // A request that waits for what becomes of the connection, and another one behind it.
  const std::string rest = "T / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" + kGet;
  test.client(rest);
  EXPECT_EQ(test.to_server, "GE" + rest);
  EXPECT_TRUE(test.relay->wants_data(Direction::kUpstream));
  test.relay->on_end(Direction::kUpstream, EndKind::kEnd);
  EXPECT_EQ(test.server_end, EndKind::kEnd);
}

TEST(HttpRelay, keeps_no_more_than_a_head_of_what_never_ends) {
  RelayCase test;
  std::string sent = "GET / HTTP/1.1\r\n";
  test.client(sent);
  std::size_t most_kept = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string field = "X-" + std::to_string(i) + ": " + std::string(2000, 'x') + "\r\n";
    test.client(field);
    sent += field;
    most_kept = std::max(most_kept, sent.size() - test.to_server.size());
  }
  EXPECT_EQ(test.to_server, sent);
  EXPECT_LE(most_kept, net::HttpScanner::kMaxHeadBytes);
  EXPECT_EQ(test.counters.untouched_links, 1U);
}

TEST(HttpRelay, stops_reading_a_client_that_pipelines_without_end) {
  RelayCase test;
  for (int i = 0; i < 100; ++i) {
    test.client(kGet);
  }
  EXPECT_FALSE(test.relay->wants_data(Direction::kUpstream));
  EXPECT_LT(test.counters.exchanges, 100U);
  for (int i = 0; i < 100; ++i) {
    test.server(kOk);
  }
  EXPECT_EQ(test.counters.exchanges, 100U);
  EXPECT_EQ(test.log.take().exchanges.size(), 100U);
  EXPECT_TRUE(test.relay->wants_data(Direction::kUpstream));
}

TEST(HttpRelay, notes_what_it_saw) {
  RelayCase test(1, 7);
  test.client(
      "POST /payments/4711/refunds/9?x=1 HTTP/1.1\r\n"
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
      "X-Request-Id: other\r\nContent-Length: 2\r\n\r\n");
  test.advance(std::chrono::milliseconds(5));
  test.client("{}");
  test.advance(std::chrono::milliseconds(20));
  test.server("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{");
  test.advance(std::chrono::milliseconds(3));
  test.server("}");
  const model::ProxyExchange seen = test.exchange();
  EXPECT_EQ(seen.link, 7U);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/payments/{}");
  EXPECT_EQ(seen.status, 201);
  EXPECT_EQ(seen.upstream_status, 201);
  EXPECT_TRUE(seen.asked);
  EXPECT_TRUE(seen.executed);
  EXPECT_EQ(seen.first_byte, std::chrono::milliseconds(25));
  EXPECT_EQ(seen.last_byte, std::chrono::milliseconds(28));
  EXPECT_EQ(seen.upstream_calls(), 1U);
  EXPECT_NE(seen.trace, 0U);
  EXPECT_NE(seen.caller_span, 0U);
  EXPECT_TRUE(seen.faults.empty());

  test.client(
      "GET / HTTP/1.1\r\n"
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01\r\n\r\n");
  test.relay->on_end(Direction::kDownstream, EndKind::kReset);
  const model::ProxyExchange lost = test.exchange();
  EXPECT_EQ(lost.trace, seen.trace);
  EXPECT_NE(lost.caller_span, seen.caller_span);
  EXPECT_EQ(lost.status, 0);
  EXPECT_FALSE(lost.executed);
  EXPECT_EQ(lost.first_byte, std::nullopt);
  EXPECT_EQ(lost.ordinal, 1U);
}

TEST(HttpRelay, notes_whether_the_caller_waited_for_its_answer) {
  enum class Caller { kWaits, kEnds, kEndsUnread };
  for (const Caller caller : {Caller::kWaits, Caller::kEnds, Caller::kEndsUnread}) {
    RelayCase test;
    test.client("GET / HTTP/1.1\r\n\r\n");
    test.client_left = caller == Caller::kEndsUnread;
    if (caller == Caller::kEnds) {
      test.relay->on_end(Direction::kUpstream, EndKind::kEnd);
    }
    test.server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const model::ProxyExchange seen = test.exchange();
    EXPECT_EQ(seen.caller_left, caller != Caller::kWaits);
    EXPECT_EQ(seen.status, 200);
    EXPECT_TRUE(seen.executed);
  }
}

}  // namespace
}  // namespace squall::faults
