#include "tests/shop/retries.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace squall::shop {
namespace {

using std::chrono::milliseconds;

// Retries that `calls` calls make, all of whose tries fail.
unsigned retries_of(Retries& retries, unsigned calls) {
  unsigned count = 0;
  for (unsigned i = 0; i < calls; ++i) {
    retries.count_call();
    for (unsigned tried = 1; retries.wait_after(tried); ++tried) {
      ++count;
    }
  }
  return count;
}

TEST(Retries, NoneGivesUp) {
  Retries retries(RetryMode::kNone);
  EXPECT_EQ(retries_of(retries, 100), 0U);
}

TEST(Retries, ImmediateTriesFiveTimesWithoutAPause) {
  Retries retries(RetryMode::kImmediate);
  EXPECT_EQ(retries_of(retries, 100), 400U);
  EXPECT_EQ(retries.wait_after(1), Duration::zero());
}

TEST(Retries, TheBudgetIsATenthOfTheCalls) {
  Retries retries(RetryMode::kBudgeted);
  const unsigned count = retries_of(retries, 1000);
  EXPECT_GE(count, 90U);
  EXPECT_LE(count, 101U) << "one to begin with, then a tenth";
}

TEST(Retries, WaitsGrowAndDiffer) {
  Retries retries(RetryMode::kBudgeted);
  Duration longest[2] = {};
  Duration shortest = milliseconds(100);
  for (int i = 0; i < 200; ++i) {
    for (int call = 0; call < 20; ++call) {
      retries.count_call();
    }
    for (unsigned tried = 1; tried <= 2; ++tried) {
      const std::optional<Duration> wait = retries.wait_after(tried);
      ASSERT_TRUE(wait);
      longest[tried - 1] = std::max(longest[tried - 1], *wait);
      shortest = std::min(shortest, *wait);
    }
  }
  // Of 200 even draws the longest is below four fifths of the range once in 10^19 runs.
  EXPECT_LE(longest[0], milliseconds(50));
  EXPECT_GT(longest[0], milliseconds(40));
  EXPECT_LE(longest[1], milliseconds(100));
  EXPECT_GT(longest[1], milliseconds(80));
  EXPECT_LT(shortest, milliseconds(10));
}

}  // namespace
}  // namespace squall::shop
