#include "loadgen/stats/proportion.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace squall::stats {
namespace {

// The defining property: at the lower limit, seeing `hits` or more has exactly the chance of the
// tail.
double chance_of_at_least(int hits, int trials, double share) {
  double chance = 0;
  double term = std::pow(1 - share, trials);
  for (int k = 0; k <= trials; ++k) {
    if (k >= hits) {
      chance += term;
    }
    term *= (trials - k) / (k + 1.0) * share / (1 - share);
  }
  return chance;
}

TEST(ProportionTest, LimitsMeetTheirDefinitionForSmallCounts) {
  for (const int trials : {1, 2, 10, 57, 300}) {
    for (int hits = 0; hits <= trials; hits += 1 + trials / 7) {
      const ProportionInterval interval = proportion_interval(
          static_cast<std::uint64_t>(hits), static_cast<std::uint64_t>(trials), 0.05);
      if (hits > 0) {
        EXPECT_NEAR(chance_of_at_least(hits, trials, interval.low), 0.05, 1e-9)
            << hits << "/" << trials;
      }
      if (hits < trials) {
        EXPECT_NEAR(1 - chance_of_at_least(hits + 1, trials, interval.high), 0.05, 1e-9)
            << hits << "/" << trials;
      }
    }
  }
}

TEST(ProportionTest, ZeroHitsGiveTheRuleOfThree) {
  const ProportionInterval interval = proportion_interval(0, 300, 0.05);
  EXPECT_EQ(interval.low, 0);
  EXPECT_NEAR(interval.high, 1 - std::pow(0.05, 1.0 / 300), 1e-12);
  EXPECT_LT(interval.high, 0.01);
}

TEST(ProportionTest, EverySampleAHitGivesAnOpenUpperEnd) {
  const ProportionInterval interval = proportion_interval(20, 20);
  EXPECT_EQ(interval.share, 1);
  EXPECT_EQ(interval.high, 1);
  EXPECT_NEAR(interval.low, std::pow(0.025, 1.0 / 20), 1e-12);
}

TEST(ProportionTest, NoTrialsSayNothing) {
  const ProportionInterval interval = proportion_interval(0, 0);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 1);
}

TEST(ProportionTest, LargeCountsAgreeWithTheNormalApproximation) {
  const ProportionInterval interval = proportion_interval(400'000, 1'000'000);
  const double half = 1.959964 * std::sqrt(0.4 * 0.6 / 1e6);
  EXPECT_NEAR(interval.low, 0.4 - half, 2e-6);
  EXPECT_NEAR(interval.high, 0.4 + half, 2e-6);
}

}  // namespace
}  // namespace squall::stats
