// Bytes, ends and resets of links, on real sockets.
#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "loadgen/base/rng.hpp"
#include "tests/faults/proxy/proxy_case.hpp"

namespace squall::faults {
namespace {

class LinkTest : public ProxyCase {};

std::string random_bytes(std::size_t count, std::uint64_t index) {
  Rng rng(StreamId(11, "link", "bytes", index));
  std::string result;
  result.reserve(count + 8);
  while (result.size() < count) {
    const std::uint64_t bits = rng.next_bits();
    result.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }
  result.resize(count);
  return result;
}

TEST_F(LinkTest, carries_bytes_both_ways_and_counts_them_live) {
  create();
  auto [client, upstream] = connect();
  const std::string question = random_bytes(100'000, 1);
  const std::string answer = random_bytes(3'000'000, 2);
  client.send(question);
  EXPECT_TRUE(upstream.receive_all(question.size()) == question);
  std::thread sender([&] { upstream.send(answer); });
  EXPECT_TRUE(client.receive_all(answer.size()) == answer);
  sender.join();
  const ProxyView now = view();
  EXPECT_EQ(now.open_links, 1U);
  EXPECT_EQ(now.counters.accepted, 1U);
  EXPECT_EQ(now.counters.of(Direction::kUpstream).received_bytes, question.size());
  EXPECT_EQ(now.counters.of(Direction::kUpstream).sent_bytes, question.size());
  EXPECT_EQ(now.counters.of(Direction::kDownstream).received_bytes, answer.size());
  EXPECT_EQ(now.counters.of(Direction::kDownstream).sent_bytes, answer.size());
}

TEST_F(LinkTest, an_end_closes_both_directions_when_what_is_under_way_has_arrived) {
  create();
  auto [client, upstream] = connect();
  client.send("question");
  client.shutdown_write();
  EXPECT_EQ(upstream.rest(), "question");
  EXPECT_EQ(upstream.error(), 0);
  EXPECT_EQ(client.rest(), "");  // the server may still want to answer: Toxiproxy closes
  EXPECT_EQ(client.error(), 0);
  EXPECT_TRUE(links_become(0));
}

TEST_F(LinkTest, a_servers_end_reaches_the_client_behind_its_data) {
  create();
  auto [client, upstream] = connect();
  const std::string answer = random_bytes(2'000'000, 3);
  std::thread sender([&, &up = upstream] {
    up.send(answer);
    up.close();
  });
  EXPECT_TRUE(client.rest() == answer);
  EXPECT_EQ(client.error(), 0);
  sender.join();
  EXPECT_TRUE(links_become(0));
}

TEST_F(LinkTest, keeps_a_half_closed_connection_if_told_to) {
  create(Ends::kKept);
  auto [client, upstream] = connect();
  client.send("question");
  client.shutdown_write();
  EXPECT_EQ(upstream.rest(), "question");
  const std::string answer = random_bytes(500'000, 4);
  std::thread sender([&, &up = upstream] {
    up.send(answer);
    up.close();
  });
  EXPECT_TRUE(client.rest() == answer);
  EXPECT_EQ(client.error(), 0);
  sender.join();
  EXPECT_TRUE(links_become(0));
}

TEST_F(LinkTest, a_reset_is_passed_on_as_an_end_or_as_a_reset) {
  create();
  {
    auto [client, upstream] = connect();
    client.send("x");
    ASSERT_EQ(upstream.receive_all(1), "x");
    client.reset();
    EXPECT_EQ(upstream.rest(), "");
    EXPECT_EQ(upstream.error(), 0);
  }
  EXPECT_TRUE(server.remove("p"));
  create(Ends::kKept);
  auto [client, upstream] = connect();
  client.send("x");
  ASSERT_EQ(upstream.receive_all(1), "x");
  client.reset();
  EXPECT_EQ(upstream.rest(), "");
  EXPECT_EQ(upstream.error(), ECONNRESET);
  EXPECT_TRUE(links_become(0));
}

TEST_F(LinkTest, reset_peer_resets_both_sides_of_a_new_connection) {
  create();
  add("reset_peer", "timeout = 0\n", Direction::kUpstream);
  auto [client, upstream] = connect();
  client.send("x");
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.error(), ECONNRESET);
  EXPECT_EQ(upstream.rest(), "");
  EXPECT_EQ(upstream.error(), ECONNRESET);
  EXPECT_TRUE(links_become(0));
  EXPECT_EQ(counters("reset_peer_upstream").fired, 1U);
}

TEST_F(LinkTest, reset_peer_resets_a_connection_that_was_there_before_it) {
  create();
  auto [client, upstream] = connect();
  client.send("before");
  ASSERT_EQ(upstream.receive_all(6), "before");
  add("reset_peer", "timeout = 0\n");
  upstream.send("answer");
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.error(), ECONNRESET);
  EXPECT_EQ(upstream.rest(), "");
  EXPECT_EQ(upstream.error(), ECONNRESET);
}

TEST_F(LinkTest, reset_peer_at_toxicity_0_never_resets) {
  create();
  add("reset_peer", "timeout = 0\n", Direction::kDownstream, 0);
  auto [client, upstream] = connect();
  upstream.send("answer");
  upstream.close();
  EXPECT_EQ(client.rest(), "answer");
  EXPECT_EQ(client.error(), 0);
}

TEST_F(LinkTest, removing_a_timeout_closes_the_connection) {
  create();
  add("timeout", "timeout = 0\n");
  auto [client, upstream] = connect();
  upstream.send("dropped");
  ASSERT_TRUE(test::eventually([&] { return counters("timeout_downstream").fired >= 1; }));
  remove("timeout_downstream");
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.error(), 0);
  EXPECT_EQ(upstream.rest(), "");
  EXPECT_TRUE(links_become(0));
}

TEST_F(LinkTest, limit_data_delivers_exactly_its_bytes_and_closes) {
  create();
  add("limit_data", "bytes = 70001\n");
  auto [client, upstream] = connect();
  const std::string answer = random_bytes(200'000, 5);
  std::thread sender([&, &up = upstream] { up.send(answer); });
  EXPECT_TRUE(client.rest() == answer.substr(0, 70'001));
  EXPECT_EQ(client.error(), 0);
  client.close();
  sender.join();
}

TEST_F(LinkTest, half_close_ends_one_direction_and_leaves_the_other) {
  create();
  add("half_close", "bytes = 6\n");
  auto [client, upstream] = connect();
  upstream.send("answer and more");
  EXPECT_EQ(client.rest(), "answer");
  EXPECT_EQ(client.error(), 0);
  client.send("still here");
  EXPECT_EQ(upstream.receive_all(10), "still here");
  upstream.close();
  client.close();
  EXPECT_TRUE(links_become(0));
}

TEST_F(LinkTest, a_blackhole_is_silent_and_heals_without_losing_a_byte) {
  create();
  add("blackhole", "", Direction::kUpstream);
  auto [client, upstream] = connect();
  const std::string question = random_bytes(400'000, 6);
  std::thread sender([&, &down = client] { down.send(question); });
  ASSERT_TRUE(test::eventually([&] { return counters("blackhole_upstream").fired == 1; }));
  EXPECT_EQ(view().counters.of(Direction::kUpstream).sent_bytes, 0U);
  EXPECT_LE(view().counters.of(Direction::kUpstream).received_bytes, Chunk::kMaxBytes);
  remove("blackhole_upstream");
  EXPECT_TRUE(upstream.receive_all(question.size()) == question);
  sender.join();
}

TEST_F(LinkTest, a_slow_reader_keeps_no_more_than_a_chunk_here) {
  create();
  auto [client, upstream] = connect();
  const std::string answer = random_bytes(32'000'000, 7);
  std::thread sender([&, &up = upstream] {
    up.send(answer);
    up.close();
  });
  // Nothing is read by the client: what the kernel's buffers do not take stays at the server.
  // The receiver is full when something was read here that its kernel did not take.
  const auto waiting = [&] {
    const ProxyView now = view();
    const DirectionCounters bytes = now.counters.of(Direction::kDownstream);
    EXPECT_LE(bytes.received_bytes, bytes.sent_bytes + Chunk::kMaxBytes);
    return now.held_links == 1;
  };
  ASSERT_TRUE(test::eventually(waiting));
  EXPECT_TRUE(client.rest() == answer);
  sender.join();
}

TEST_F(LinkTest, a_dial_that_fails_closes_the_client_and_is_told) {
  create();
  backend.close();
  test::Socket client = test::Socket::connect(port);
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(client.error(), 0);
  EXPECT_TRUE(links_become(0));
  EXPECT_EQ(view().counters.dial_failures, 1U);
  const auto events = server.events_after(0);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().kind, ProxyEvent::Kind::kDialFailed);
  EXPECT_EQ(events.back().ordinal, 0U);
  EXPECT_EQ(events.back().detail,
            "dial tcp " + backend.address() + ": connect: connection refused");
}

TEST_F(LinkTest, names_are_looked_up_and_bad_upstreams_are_told) {
  ASSERT_TRUE(server.create({.name = "q", .listen = "127.0.0.1:0", .upstream = "no-port"}));
  ASSERT_TRUE(
      server.create({.name = "r", .listen = "127.0.0.1:0", .upstream = "no.such.name.invalid:1"}));
  for (const std::string name : {"q", "r"}) {
    test::Socket client = test::Socket::connect(port_of(server.find(name)->settings.listen));
    EXPECT_EQ(client.rest(), "");
    EXPECT_EQ(server.find(name)->counters.dial_failures, 1U) << name;
  }
}

TEST_F(LinkTest, localhost_is_tried_on_both_families) {
  // Nothing listens on ::1 here, and 127.0.0.1 comes first.
  ASSERT_TRUE(server.create({.name = "l",
                             .listen = "127.0.0.1:0",
                             .upstream = "localhost:" + std::to_string(backend.port())}));
  test::Socket client = test::Socket::connect(port_of(server.find("l")->settings.listen));
  test::Socket upstream = backend.accept();
  client.send("x");
  EXPECT_EQ(upstream.receive_all(1), "x");
}

TEST_F(LinkTest, a_client_that_leaves_while_data_flows_ends_the_link) {
  create();
  auto [client, upstream] = connect();
  const std::string answer = random_bytes(20'000'000, 8);
  std::thread sender([&, &up = upstream] { EXPECT_FALSE(up.send(answer)); });
  EXPECT_EQ(client.receive_all(1000).size(), 1000U);
  client.close();  // with unread bytes: RST
  sender.join();
  EXPECT_TRUE(links_become(0));
}

}  // namespace
}  // namespace squall::faults
