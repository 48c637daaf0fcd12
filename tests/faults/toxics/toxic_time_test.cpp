// What each toxic of Toxiproxy does to bytes and time, on a clock that the test moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/faults/proxy/chain_case.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;

TEST(Noop, passes_everything_at_once) {
  ChainCase test;
  test.add("noop", "");
  test.chain.push("hello");
  test.chain.end(EndKind::kEnd);
  EXPECT_EQ(test.all_bytes(), "hello");
  EXPECT_EQ(test.end, EndKind::kEnd);
  EXPECT_EQ(test.end_ms, 0);
}

TEST(Latency, releases_each_chunk_at_its_receipt_plus_latency) {
  ChainCase test;
  const ToxicEntry& latency = test.add("latency", "latency = 100\n");
  test.chain.push("a");
  test.advance(milliseconds(30));
  test.chain.push("b");
  test.advance(milliseconds(69));
  EXPECT_TRUE(test.sent.empty());
  test.advance(milliseconds(1000));
  ASSERT_EQ(test.sent.size(), 2U);
  EXPECT_EQ(test.sent[0].at_ms, 100);
  EXPECT_EQ(test.sent[1].at_ms, 130);
  EXPECT_EQ(latency.counters.fired, 2U);
  EXPECT_EQ(latency.counters.links, 1U);
  EXPECT_EQ(test.first_fired, 1);
}

TEST(Latency, two_of_them_add_up) {
  ChainCase test;
  test.add("latency", "latency = 100\n");
  test.add("latency", "latency = 50\n");
  test.chain.push("a");
  test.advance(milliseconds(20));
  test.chain.push("b");
  test.advance(milliseconds(1000));
  ASSERT_EQ(test.sent.size(), 2U);
  EXPECT_EQ(test.sent[0].at_ms, 150);
  EXPECT_EQ(test.sent[1].at_ms, 170);
}

TEST(Latency, does_not_delay_the_end_but_the_data_before_it) {
  ChainCase idle;
  idle.add("latency", "latency = 100\n");
  idle.chain.end(EndKind::kEnd);
  EXPECT_EQ(idle.end_ms, 0);

  ChainCase busy;
  busy.add("latency", "latency = 100\n");
  busy.chain.push("a");
  busy.chain.end(EndKind::kEnd);
  busy.advance(milliseconds(200));
  EXPECT_EQ(busy.all_bytes(), "a");
  EXPECT_EQ(busy.end_ms, 100);
}

TEST(Latency, jitter_is_even_around_the_latency_and_keeps_the_order) {
  ChainCase test;
  test.add("latency", "latency = 100\njitter = 40\n");
  std::vector<double> delays;
  for (int i = 0; i < 2000; ++i) {
    const double pushed = test.now_ms();
    test.chain.push(std::to_string(i) + ",");
    test.advance(milliseconds(200));  // alone on its way
    delays.push_back(test.sent.back().at_ms - pushed);
  }
  ASSERT_EQ(test.sent.size(), 2000U);
  const auto [low, high] = std::minmax_element(delays.begin(), delays.end());
  EXPECT_GE(*low, 60);
  EXPECT_LT(*low, 61);
  EXPECT_LT(*high, 140);
  EXPECT_GT(*high, 139);
  double sum = 0;
  for (const double delay : delays) {
    sum += delay;
  }
  EXPECT_NEAR(sum / 2000, 100, 2);  // four standard errors of the mean of uniform draws

  ChainCase burst;
  burst.add("latency", "latency = 100\njitter = 100\n");
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    burst.chain.push(std::to_string(i) + ",");
    expected += std::to_string(i) + ",";
    burst.advance(milliseconds(1));
  }
  burst.advance(milliseconds(1000));
  EXPECT_EQ(burst.all_bytes(), expected);
}

TEST(Latency, draws_from_a_distribution_instead) {
  ChainCase test;
  test.add("latency", R"(latency = 5
delay = { distribution = "uniform", from = "20ms", to = "30ms" }
)");
  for (int i = 0; i < 50; ++i) {
    test.chain.push("x");
    test.advance(milliseconds(100));
  }
  ASSERT_EQ(test.sent.size(), 50U);
  for (int i = 0; i < 50; ++i) {
    const double delay = test.sent[static_cast<std::size_t>(i)].at_ms - 100 * i;
    EXPECT_GE(delay, 20);
    EXPECT_LE(delay, 30);
  }
}

TEST(Latency, holds_1024_chunks_and_then_stops_reading) {
  ChainCase test;
  test.add("latency", "latency = 100\n");
  int pushed = 0;
  while (test.chain.wants_data()) {
    test.chain.push("x");
    ++pushed;
  }
  EXPECT_EQ(pushed, 1024);
  test.advance(milliseconds(100));
  EXPECT_TRUE(test.chain.wants_data());
  EXPECT_EQ(test.sent.size(), 1024U);
}

TEST(Latency, a_change_applies_to_what_waits) {
  ChainCase test;
  ToxicEntry& latency = test.add("latency", "latency = 1000\n");
  test.chain.push("a");
  test.advance(milliseconds(100));
  test.change(latency, "latency = 300\n");
  test.advance(milliseconds(1000));
  ASSERT_EQ(test.sent.size(), 1U);
  EXPECT_EQ(test.sent[0].at_ms, 300);
}

TEST(Bandwidth, passes_a_chunk_when_its_bytes_have_had_their_time) {
  ChainCase test;
  test.add("bandwidth", "rate = 10\n");  // 10 bytes a millisecond
  test.chain.push(std::string(500, 'a'));
  test.advance(milliseconds(49));
  EXPECT_TRUE(test.sent.empty());
  test.advance(milliseconds(100));
  ASSERT_EQ(test.sent.size(), 1U);
  EXPECT_EQ(test.sent[0].at_ms, 50);
}

TEST(Bandwidth, cuts_what_is_larger_into_pieces_of_100_ms) {
  ChainCase test;
  test.add("bandwidth", "rate = 10\n");
  test.chain.push(std::string(2500, 'a'));
  test.chain.push(std::string(500, 'b'));
  test.advance(milliseconds(1000));
  ASSERT_EQ(test.sent.size(), 4U);
  EXPECT_EQ(test.sent[0].bytes.size(), 1000U);
  EXPECT_EQ(test.sent[0].at_ms, 100);
  EXPECT_EQ(test.sent[1].at_ms, 200);
  EXPECT_EQ(test.sent[2].bytes.size(), 500U);
  EXPECT_EQ(test.sent[2].at_ms, 250);
  EXPECT_EQ(test.sent[3].at_ms, 300);  // no gap between chunks
}

TEST(Bandwidth, a_late_timer_does_not_add_up) {
  ChainCase test;
  test.add("bandwidth", "rate = 1\n");
  test.chain.push(std::string(1000, 'a'));
  for (int i = 0; i < 10; ++i) {  // each piece is let out 7 ms late
    test.clock.advance(milliseconds(i == 0 ? 107 : 100));
    test.alarms.fire(test.clock.now());
  }
  ASSERT_EQ(test.sent.size(), 10U);
  EXPECT_EQ(test.sent[9].at_ms, 1007);
}

TEST(Bandwidth, makes_up_for_no_time_when_idle_or_blocked) {
  ChainCase test;
  test.add("bandwidth", "rate = 1\n");
  test.chain.push("0123456789");
  test.advance(milliseconds(500));
  test.chain.push("0123456789");  // after a pause: again its own 10 ms
  test.takes = 0;
  test.advance(milliseconds(500));
  ASSERT_EQ(test.sent.size(), 1U);
  test.chain.push("0123456789");
  test.takes = 10;
  test.chain.pump();
  ASSERT_EQ(test.sent.size(), 2U);
  EXPECT_EQ(test.sent[1].at_ms, 1000);
  test.advance(milliseconds(500));
  ASSERT_EQ(test.sent.size(), 3U);
  EXPECT_EQ(test.sent[2].at_ms, 1010);
}

TEST(Bandwidth, rate_0_lets_nothing_pass_and_stops_reading) {
  ChainCase test;
  ToxicEntry& bandwidth = test.add("bandwidth", "rate = 0\n");
  test.chain.push("abc");
  test.chain.end(EndKind::kEnd);
  test.advance(std::chrono::hours(1));
  EXPECT_TRUE(test.sent.empty());
  EXPECT_EQ(test.end, std::nullopt);
  EXPECT_EQ(test.alarms.next(), std::nullopt);
  EXPECT_EQ(bandwidth.counters.fired, 1U);
  test.change(bandwidth, "rate = 1000\n");
  test.advance(milliseconds(1));
  EXPECT_EQ(test.all_bytes(), "abc");
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(Bandwidth, has_one_chunk_waiting_before_reading_stops) {
  ChainCase test;
  test.add("bandwidth", "rate = 1\n");
  EXPECT_TRUE(test.chain.wants_data());
  test.chain.push("abc");
  EXPECT_FALSE(test.chain.wants_data());
  test.advance(milliseconds(3));
  EXPECT_TRUE(test.chain.wants_data());
}

TEST(SlowClose, delays_the_end_alone) {
  ChainCase test;
  const ToxicEntry& slow = test.add("slow_close", "delay = 250\n");
  test.chain.push("abc");
  EXPECT_EQ(test.all_bytes(), "abc");
  test.chain.end(EndKind::kEnd);
  test.advance(milliseconds(249));
  EXPECT_EQ(test.end, std::nullopt);
  test.advance(milliseconds(1));
  EXPECT_EQ(test.end, EndKind::kEnd);
  EXPECT_EQ(slow.counters.fired, 1U);
}

TEST(SlowClose, removed_meanwhile_it_lets_the_end_pass) {
  ChainCase test;
  const ToxicEntry& slow = test.add("slow_close", "delay = 250\n");
  test.chain.end(EndKind::kEnd);
  test.advance(milliseconds(10));
  test.chain.remove(slow);
  EXPECT_EQ(test.end_ms, 10);
}

TEST(Timeout, drops_data_and_closes_after_a_silence) {
  ChainCase test;
  test.add("timeout", "timeout = 100\n");
  test.advance(milliseconds(80));
  test.chain.push("abc");
  test.advance(milliseconds(99));
  EXPECT_EQ(test.end, std::nullopt);
  test.advance(milliseconds(1));
  EXPECT_EQ(test.end, EndKind::kEnd);
  EXPECT_EQ(test.end_ms, 180);
  EXPECT_TRUE(test.sent.empty());
}

TEST(Timeout, zero_never_closes_until_it_is_removed) {
  ChainCase test;
  const ToxicEntry& timeout = test.add("timeout", "timeout = 0\n");
  test.chain.push("abc");
  test.advance(std::chrono::hours(10));
  EXPECT_EQ(test.end, std::nullopt);
  EXPECT_TRUE(test.chain.wants_data());
  test.chain.remove(timeout);
  EXPECT_EQ(test.end, EndKind::kEnd);
  EXPECT_TRUE(test.sent.empty());
}

TEST(Timeout, a_change_starts_the_time_anew_and_closes_nothing) {
  ChainCase test;
  ToxicEntry& timeout = test.add("timeout", "timeout = 100\n");
  test.advance(milliseconds(90));
  test.change(timeout, "timeout = 50\n");
  test.advance(milliseconds(49));
  EXPECT_EQ(test.end, std::nullopt);
  test.advance(milliseconds(1));
  EXPECT_EQ(test.end_ms, 140);
}

TEST(Timeout, passes_the_end_on) {
  ChainCase test;
  test.add("timeout", "timeout = 0\n");
  test.chain.end(EndKind::kEnd);
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(ResetPeer, waits_for_data_and_then_its_time) {
  ChainCase test;
  const ToxicEntry& reset = test.add("reset_peer", "timeout = 100\n");
  test.advance(milliseconds(500));
  EXPECT_EQ(test.reset_ms, -1);
  test.chain.push("abc");
  test.advance(milliseconds(99));
  EXPECT_EQ(test.reset_ms, -1);
  test.advance(milliseconds(1));
  EXPECT_EQ(test.reset_ms, 600);
  EXPECT_TRUE(test.sent.empty());
  EXPECT_EQ(reset.counters.fired, 1U);
  EXPECT_EQ(test.alarms.next(), std::nullopt);
}

TEST(ResetPeer, the_end_starts_it_too_and_0_is_at_once) {
  ChainCase test;
  test.add("reset_peer", "timeout = 0\n");
  test.chain.end(EndKind::kEnd);
  EXPECT_EQ(test.reset_ms, 0);
  EXPECT_EQ(test.end, std::nullopt);
}

TEST(ResetPeer, removed_in_time_it_loses_nothing) {
  ChainCase test;
  const ToxicEntry& reset = test.add("reset_peer", "timeout = 100\n");
  test.chain.push("abc");
  test.advance(milliseconds(99));
  test.chain.remove(reset);
  EXPECT_EQ(test.all_bytes(), "abc");
  test.advance(milliseconds(1000));
  EXPECT_EQ(test.reset_ms, -1);
}

TEST(Slicer, cuts_into_pieces_around_the_average) {
  ChainCase test;
  test.add("slicer", "average_size = 64\nsize_variation = 32\n");
  std::string bytes;
  for (int i = 0; i < 8192; ++i) {
    bytes += static_cast<char>('a' + i % 26);
  }
  test.chain.push(bytes);
  EXPECT_EQ(test.all_bytes(), bytes);
  EXPECT_GT(test.sent.size(), 8192U / 97);
  for (const Sent& one : test.sent) {
    EXPECT_LE(one.bytes.size(), 96U);
  }
}

TEST(Slicer, without_variation_halves_exactly) {
  ChainCase test;
  test.add("slicer", "average_size = 25\n");
  test.chain.push(std::string(100, 'x'));
  ASSERT_EQ(test.sent.size(), 4U);
  for (const Sent& one : test.sent) {
    EXPECT_EQ(one.bytes.size(), 25U);
  }
}

TEST(Slicer, pauses_after_each_piece) {
  ChainCase test;
  test.add("slicer", "average_size = 1\ndelay = 500\n");
  test.chain.push("abcd");
  test.chain.end(EndKind::kEnd);
  test.advance(milliseconds(10));
  ASSERT_EQ(test.sent.size(), 4U);
  EXPECT_EQ(test.all_bytes(), "abcd");
  EXPECT_EQ(test.sent[1].at_ms, 0.5);
  EXPECT_EQ(test.sent[3].at_ms, 1.5);
  EXPECT_EQ(test.end_ms, 2);
}

TEST(Slicer, average_0_does_not_cut_and_a_wild_variation_loses_nothing) {
  ChainCase whole;
  whole.add("slicer", "average_size = 0\nsize_variation = 10\n");
  whole.chain.push("abcdefgh");
  ASSERT_EQ(whole.sent.size(), 1U);

  ChainCase wild;
  wild.add("slicer", "average_size = 1\nsize_variation = 9223372036854775807\n");
  wild.chain.push("abcdefgh");
  EXPECT_EQ(wild.all_bytes(), "abcdefgh");

  ChainCase odd;
  odd.add("slicer", "average_size = 2\nsize_variation = 30\n");
  odd.chain.push(std::string(5000, 'q'));
  EXPECT_EQ(odd.all_bytes(), std::string(5000, 'q'));
}

TEST(LimitData, passes_exactly_so_many_bytes_then_ends) {
  ChainCase test;
  ToxicEntry& limit = test.add("limit_data", "bytes = 7\n");
  test.chain.push("abcd");
  EXPECT_EQ(test.end, std::nullopt);
  test.chain.push("efgh");
  EXPECT_EQ(test.all_bytes(), "abcdefg");
  EXPECT_EQ(test.end, EndKind::kEnd);
  EXPECT_EQ(limit.counters.fired, 1U);
  test.chain.push("more");
  EXPECT_EQ(test.all_bytes(), "abcdefg");
  EXPECT_TRUE(test.chain.wants_data());
}

TEST(LimitData, ends_with_the_last_byte_and_0_with_the_first) {
  ChainCase exact;
  exact.add("limit_data", "bytes = 4\n");
  exact.chain.push("abcd");
  EXPECT_EQ(exact.end, EndKind::kEnd);

  ChainCase none;
  none.add("limit_data", "bytes = 0\n");
  EXPECT_EQ(none.end, std::nullopt);
  none.chain.push("a");
  EXPECT_TRUE(none.sent.empty());
  EXPECT_EQ(none.end, EndKind::kEnd);
}

TEST(LimitData, goes_on_counting_over_changes) {
  ChainCase test;
  ToxicEntry& limit = test.add("limit_data", "bytes = 100\n");
  test.chain.push("abcdef");
  test.change(limit, "bytes = 8\n");
  test.chain.push("ghij");
  EXPECT_EQ(test.all_bytes(), "abcdefgh");
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(PacketLoss, drops_whole_chunks_at_its_rate_and_the_end) {
  ChainCase test;
  test.add("packet_loss", "loss_rate = 0.25\n");
  for (int i = 0; i < 4000; ++i) {
    test.chain.push("abc");
  }
  // Four standard deviations of a binomial count.
  EXPECT_NEAR(static_cast<double>(test.sent.size()), 3000, 110);
  for (const Sent& one : test.sent) {
    EXPECT_EQ(one.bytes, "abc");
  }
  test.chain.end(EndKind::kEnd);
  EXPECT_EQ(test.end, std::nullopt);
}

TEST(PacketLoss, correlation_makes_bursts) {
  ChainCase test;
  test.add("packet_loss", "loss_rate = 0.1\ncorrelation = 0.6\n");
  std::vector<bool> lost;
  for (int i = 0; i < 4000; ++i) {
    const std::size_t before = test.sent.size();
    test.chain.push("x");
    lost.push_back(test.sent.size() == before);
  }
  double after_loss = 0;
  double losses = 0;
  for (std::size_t i = 1; i < lost.size(); ++i) {
    losses += lost[i - 1] ? 1 : 0;
    after_loss += lost[i - 1] && lost[i] ? 1 : 0;
  }
  EXPECT_NEAR(after_loss / losses, 0.7, 0.06);
  EXPECT_NEAR(losses / 4000, 0.25, 0.05);  // 0.1 / (1 - 0.6)
}

}  // namespace
}  // namespace squall::faults
