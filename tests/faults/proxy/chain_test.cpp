// Changing the stages of a chain, on a clock that the test moves.
#include <gtest/gtest.h>

#include <array>

#include "loadgen/base/rng.hpp"
#include "tests/faults/proxy/chain_case.hpp"

namespace squall::faults {
namespace {

using std::chrono::milliseconds;

TEST(Chain, without_stages_writes_what_is_pushed) {
  ChainCase test;
  test.chain.push("abc");
  test.chain.end(EndKind::kReset);
  EXPECT_EQ(test.all_bytes(), "abc");
  EXPECT_EQ(test.end, EndKind::kReset);
}

TEST(Chain, waits_for_a_slow_receiver_with_one_chunk) {
  ChainCase test;
  test.takes = 1;
  test.chain.push("a");
  EXPECT_FALSE(test.chain.wants_data());
  test.chain.push("b");
  test.chain.end(EndKind::kEnd);
  EXPECT_EQ(test.end, std::nullopt);
  test.takes = 2;
  test.chain.pump();
  EXPECT_EQ(test.all_bytes(), "ab");
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(Chain, a_slow_stage_stops_the_ones_before_it) {
  ChainCase test;
  test.add("noop", "");
  test.add("noop", "");
  const ToxicEntry& hole = test.add("blackhole", "");
  int pushed = 0;
  while (test.chain.wants_data()) {
    test.chain.push("x");
    ++pushed;
  }
  EXPECT_EQ(pushed, 3);
  test.chain.remove(hole);
  EXPECT_EQ(test.all_bytes(), "xxx");
}

TEST(Chain, removing_a_stage_in_the_middle_keeps_the_order) {
  ChainCase test;
  const ToxicEntry& first = test.add("latency", "latency = 100\n");
  const ToxicEntry& second = test.add("latency", "latency = 100\n");
  test.chain.push("a");
  test.advance(milliseconds(100));  // a is in the second stage
  test.chain.push("b");
  test.chain.remove(first);  // b follows it there, with its own instant
  test.advance(milliseconds(99));
  EXPECT_TRUE(test.sent.empty());
  test.advance(milliseconds(1));
  EXPECT_EQ(test.all_bytes(), "ab");
  test.chain.remove(second);
}

TEST(Chain, a_stage_comes_behind_what_is_on_its_way_out) {
  ChainCase test;
  test.takes = 0;
  test.chain.push("out");
  test.add("limit_data", "bytes = 2\n");
  test.chain.push("abc");
  test.takes = 10;
  test.chain.pump();
  EXPECT_EQ(test.all_bytes(), "outab");
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(Chain, nothing_passes_behind_an_end_whatever_is_removed) {
  ChainCase test;
  const ToxicEntry& limit = test.add("limit_data", "bytes = 2\n");
  const ToxicEntry& latency = test.add("latency", "latency = 100\n");
  test.chain.push("abc");
  test.chain.remove(limit);
  test.chain.push("def");
  test.add("noop", "");
  test.chain.push("ghi");
  test.chain.remove(latency);
  EXPECT_EQ(test.all_bytes(), "ab");
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(Chain, a_link_that_is_drawn_away_from_an_ending_toxic_ends) {
  ChainCase test;
  const ToxicEntry& timeout = test.add("timeout", "timeout = 0\n");
  test.chain.push("lost");
  test.chain.update(timeout, nullptr);
  EXPECT_EQ(test.end, EndKind::kEnd);
}

TEST(Chain, a_stage_that_was_not_chosen_passes_everything) {
  ChainCase test;
  ToxicEntry& entry = test.add("blackhole", "");
  test.chain.update(entry, nullptr);
  test.chain.push("abc");
  EXPECT_EQ(test.all_bytes(), "abc");
  EXPECT_EQ(entry.counters.links, 1U);
  test.chain.update(entry, entry.factory());
  test.chain.push("def");
  EXPECT_EQ(test.all_bytes(), "abc");
  EXPECT_EQ(entry.counters.links, 2U);
}

// Whatever is added, changed and removed while bytes flow and a receiver is slow now and then: they
// come out complete and in order.
TEST(Chain, loses_nothing_in_ten_thousand_random_changes) {
  struct Choice {
    std::string_view type;
    std::string_view toml;
  };
  constexpr std::array<Choice, 9> kChoices{{{"latency", "latency = 30\njitter = 30\n"},
                                            {"latency", "latency = 3\n"},
                                            {"bandwidth", "rate = 50\n"},
                                            {"bandwidth", "rate = 0\n"},
                                            {"slicer", "average_size = 40\nsize_variation = 20\n"},
                                            {"noop", ""},
                                            {"blackhole", ""},
                                            {"mtu_blackhole", "mtu = 500\n"},
                                            {"slow_close", "delay = 10\n"}}};
  ChainCase test;
  Rng rng(StreamId(3, "chain", "changes"));
  std::vector<ToxicEntry*> there;
  std::string pushed;
  for (int i = 0; i < 10'000; ++i) {
    if (test.chain.wants_data()) {
      std::string bytes(1 + rng.next_below(800), static_cast<char>('a' + i % 26));
      pushed += bytes;
      test.chain.push(bytes);
    }
    const Choice& choice = kChoices[rng.next_below(kChoices.size())];
    const auto pick = [&] {
      return there.begin() + static_cast<std::ptrdiff_t>(rng.next_below(there.size()));
    };
    switch (rng.next_below(4)) {
      case 0:
        if (there.size() < 6) {
          there.push_back(&test.add(choice.type, choice.toml));
        }
        break;
      case 1:
        if (!there.empty()) {
          const auto gone = pick();
          test.chain.remove(**gone);
          there.erase(gone);
        }
        break;
      case 2:
        if (!there.empty()) {
          ToxicEntry& changed = **pick();
          test.chain.update(changed, rng.next_below(3) == 0 ? nullptr : changed.factory());
        }
        break;
      default:
        test.takes = rng.next_below(5) == 0 ? 0 : 1'000'000;
        test.advance(milliseconds(rng.next_below(5)));
        test.chain.pump();
    }
  }
  test.takes = 1'000'000;
  test.chain.end(EndKind::kEnd);
  for (ToxicEntry* entry : there) {
    test.chain.remove(*entry);
  }
  EXPECT_GT(pushed.size(), 100'000U);
  EXPECT_TRUE(test.all_bytes() == pushed);
  EXPECT_EQ(test.end, EndKind::kEnd);
  EXPECT_EQ(test.alarms.next(), std::nullopt);
  EXPECT_EQ(test.chain.waiting_bytes(), 0U);
}

}  // namespace
}  // namespace squall::faults
