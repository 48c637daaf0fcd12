// The toxics that Toxiproxy does not have.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/faults/proxy/chain_case.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;

std::string corrupted(const std::vector<std::size_t>& chunks, std::uint64_t seed,
                      std::uint64_t ordinal, std::string_view toml = "rate = 0.01\n") {
  ChainCase test(seed);
  test.add("corrupt", toml, ordinal);
  for (const std::size_t size : chunks) {
    test.chain.push(std::string(size, 'a'));
  }
  return test.all_bytes();
}

TEST(Corrupt, changes_bytes_at_its_rate_and_never_their_number) {
  const std::string bytes = corrupted({30'000, 30'000, 30'000}, 1, 0);
  ASSERT_EQ(bytes.size(), 90'000U);
  const auto changed = static_cast<double>(bytes.size()) -
                       static_cast<double>(std::count(bytes.begin(), bytes.end(), 'a'));
  EXPECT_NEAR(changed, 900, 120);  // four standard deviations
  EXPECT_EQ(corrupted({5000}, 1, 0, "rate = 0\n"), std::string(5000, 'a'));
  EXPECT_EQ(corrupted({5000}, 1, 0, "rate = 1\n").find('a'), std::string::npos);
}

TEST(Corrupt, depends_on_the_place_in_the_stream_not_on_the_chunks) {
  const std::string whole = corrupted({10'000}, 7, 3);
  EXPECT_EQ(corrupted({1, 99, 900, 4000, 5000}, 7, 3), whole);
  EXPECT_NE(corrupted({10'000}, 7, 4), whole);
  EXPECT_NE(corrupted({10'000}, 8, 3), whole);
}

TEST(Blackhole, holds_everything_and_heals) {
  ChainCase test;
  const ToxicEntry& hole = test.add("blackhole", "");
  test.chain.push("abc");
  EXPECT_FALSE(test.chain.wants_data());
  test.chain.end(EndKind::kEnd);
  test.advance(std::chrono::hours(1));
  EXPECT_TRUE(test.sent.empty());
  EXPECT_EQ(test.end, std::nullopt);
  EXPECT_EQ(hole.counters.fired, 1U);
  test.chain.remove(hole);
  EXPECT_EQ(test.all_bytes(), "abc");
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(CloseAfter, closes_at_its_time_while_data_flows) {
  ChainCase test;
  test.add("close_after", "delay = 100\n");
  for (int i = 0; i < 20; ++i) {
    test.chain.push("x");
    test.advance(milliseconds(10));
  }
  EXPECT_EQ(test.all_bytes(), std::string(10, 'x'));
  EXPECT_EQ(test.end_ms, 100);
}

TEST(CloseAfter, counts_from_when_it_came_also_after_a_change) {
  ChainCase test;
  test.advance(milliseconds(50));
  ToxicEntry& after = test.add("close_after", "delay = 100\n");
  test.advance(milliseconds(20));
  test.change(after, "delay = 70\n");
  test.advance(milliseconds(1000));
  EXPECT_EQ(test.end_ms, 120);
}

TEST(CloseAfter, closes_when_the_receiver_is_stuck) {
  ChainCase test;
  test.takes = 0;
  test.add("close_after", "delay = 100\n");
  test.chain.push("abc");
  test.advance(milliseconds(100));
  test.takes = 10;
  test.chain.pump();
  EXPECT_TRUE(test.sent.empty());
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(HalfClose, ends_one_direction_after_its_bytes) {
  ChainCase test;
  test.add("half_close", "bytes = 5\n");
  test.chain.push("abc");
  EXPECT_EQ(test.end, std::nullopt);
  test.chain.push("defg");
  EXPECT_EQ(test.all_bytes(), "abcde");
  EXPECT_EQ(test.end, EndKind::kHalfEnd);
  EXPECT_TRUE(test.chain.wants_data());  // reads on and drops
}

TEST(HalfClose, zero_ends_it_at_once) {
  ChainCase test;
  test.add("half_close", "");
  EXPECT_EQ(test.end, EndKind::kHalfEnd);
}

TEST(MtuBlackhole, passes_small_chunks_until_a_large_one_is_stuck) {
  ChainCase test;
  const ToxicEntry& mtu = test.add("mtu_blackhole", "mtu = 10\n");
  test.chain.push("0123456789");
  test.chain.push("01234567890");
  test.chain.push("small");
  test.advance(std::chrono::hours(1));
  EXPECT_EQ(test.all_bytes(), "0123456789");
  EXPECT_EQ(mtu.counters.fired, 1U);
  test.chain.remove(mtu);
  EXPECT_EQ(test.all_bytes(), "012345678901234567890small");
}

TEST(MtuBlackhole, has_a_usual_limit) {
  EXPECT_EQ(std::get<std::int64_t>(
                attributes_of(*all_toxics().find("mtu_blackhole"), "").find("mtu")->data),
            1400);
}

}  // namespace
}  // namespace squall::faults
