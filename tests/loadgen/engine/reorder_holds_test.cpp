#include "loadgen/engine/reorder_holds.hpp"

#include <gtest/gtest.h>

namespace squall::engine {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{100s};

Exchange sent() {
  Exchange exchange;
  exchange.request_sent = kStart;
  return exchange;
}
ReorderHolds::Held held(std::uint64_t arrival, std::uint32_t wanted, std::uint16_t step = 0) {
  return {.step = step,
          .arrival = arrival,
          .slot = static_cast<std::uint32_t>(arrival),
          .wanted = wanted,
          .until = kStart + 1s};
}

TEST(ReorderHolds, GoesWhenEnoughHavePassed) {
  ReorderHolds holds;
  EXPECT_TRUE(holds.empty());
  EXPECT_FALSE(holds.next_deadline());
  holds.hold(held(5, 2));
  EXPECT_EQ(holds.next_deadline(), kStart + 1s);
  const Exchange first = sent();
  const Exchange second = sent();
  holds.submitted(0, 6, first);
  EXPECT_EQ(holds.next_deadline(), TimePoint{}) << "something is to be looked at";
  EXPECT_FALSE(holds.take_ready(kStart));
  EXPECT_EQ(holds.next_deadline(), kStart + 1s);
  holds.submitted(0, 9, second);
  const auto ready = holds.take_ready(kStart);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->slot, 5u);
  EXPECT_EQ(ready->passed, 2u);
  EXPECT_TRUE(holds.empty());
}

TEST(ReorderHolds, OnlyWhatIsSentWholePasses) {
  ReorderHolds holds;
  holds.hold(held(5, 1));
  Exchange waiting;
  Exchange failed;
  holds.submitted(0, 6, waiting);
  holds.submitted(0, 7, failed);
  EXPECT_FALSE(holds.take_ready(kStart));
  holds.ended(failed);
  EXPECT_FALSE(holds.take_ready(kStart));
  waiting.request_sent = kStart;
  EXPECT_TRUE(holds.take_ready(kStart));
}

TEST(ReorderHolds, WhatWasSentCountsEvenWhenItIsBackAlready) {
  ReorderHolds holds;
  holds.hold(held(5, 1));
  Exchange quick = sent();
  holds.submitted(0, 6, quick);
  holds.ended(quick);
  quick = Exchange();
  EXPECT_TRUE(holds.take_ready(kStart));
}

TEST(ReorderHolds, EarlierArrivalsAndOtherStepsDoNotPass) {
  ReorderHolds holds;
  holds.hold(held(5, 1));
  const Exchange exchange = sent();
  holds.submitted(0, 4, exchange);
  holds.submitted(0, 5, exchange);
  holds.submitted(1, 6, exchange);
  EXPECT_FALSE(holds.take_ready(kStart));
}

TEST(ReorderHolds, OneThatWasHeldPassesWhatIsHeldStill) {
  ReorderHolds holds;
  holds.hold(held(5, 2));
  holds.hold(held(6, 1));
  const Exchange first = sent();
  holds.submitted(0, 7, first);
  const auto freed = holds.take_ready(kStart);
  ASSERT_TRUE(freed);
  EXPECT_EQ(freed->slot, 6u);
  const Exchange second = sent();
  holds.submitted(0, 6, second);
  const auto last = holds.take_ready(kStart);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->slot, 5u);
}

TEST(ReorderHolds, GoesAtTheEndOfItsTime) {
  ReorderHolds holds;
  holds.hold(held(5, 3));
  EXPECT_FALSE(holds.take_ready(kStart + 999ms));
  const auto late = holds.take_ready(kStart + 1s);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->passed, 0u);
}

TEST(ReorderHolds, IsEmptiedAtTheEnd) {
  ReorderHolds holds;
  holds.hold(held(5, 3));
  holds.hold(held(6, 3));
  EXPECT_EQ(holds.take_any()->slot, 5u);
  EXPECT_EQ(holds.take_any()->slot, 6u);
  EXPECT_FALSE(holds.take_any());
}

}  // namespace
}  // namespace squall::engine
