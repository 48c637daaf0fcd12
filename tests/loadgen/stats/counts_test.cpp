// Exact limits of counts against published values.
#include "loadgen/stats/counts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "loadgen/base/rng.hpp"

namespace squall::stats {
namespace {

// Garwood's table, as printed by R's poisson.test.
TEST(PoissonInterval, IsThatOfThePublishedTable) {
  struct Row {
    std::uint64_t count;
    double low;
    double high;
  };
  for (const Row& row :
       {Row{0, 0, 3.688879}, Row{1, 0.025318, 5.571643}, Row{5, 1.623486, 11.66833},
        Row{10, 4.795389, 18.39036}, Row{100, 81.36399, 121.6274}}) {
    const CountInterval interval = poisson_interval(row.count);
    EXPECT_NEAR(interval.low, row.low, 2e-4 * (1 + row.low)) << row.count;
    EXPECT_NEAR(interval.high, row.high, 2e-4 * (1 + row.high)) << row.count;
  }
}

TEST(PoissonUpperBound, IsWhatChanceExplains) {
  EXPECT_EQ(poisson_upper_bound(0, 0.01), 0U);
  // P(N > 3 | 1) = 0.0190, P(N > 4 | 1) = 0.0037
  EXPECT_EQ(poisson_upper_bound(1, 0.01), 4U);
  EXPECT_EQ(poisson_upper_bound(1, 0.02), 3U);
  // P(N > 18 | 10) = 0.0072, P(N > 17 | 10) = 0.0143
  EXPECT_EQ(poisson_upper_bound(10, 0.01), 18U);
}

TEST(RateRatio, IsExactByTheBinomial) {
  const RatioInterval equal = rate_ratio(50, 10, 50, 10);
  EXPECT_DOUBLE_EQ(equal.ratio, 1);
  // Clopper and Pearson for 50 of 100: 0.398 to 0.602, so 0.662 to 1.511.
  EXPECT_NEAR(equal.low, 0.6622, 1e-3);
  EXPECT_NEAR(equal.high, 1.5102, 1e-3);
  const RatioInterval exposures = rate_ratio(30, 10, 20, 20);
  EXPECT_DOUBLE_EQ(exposures.ratio, 3);
  EXPECT_EQ(rate_ratio(3, 1, 0, 1).high, std::numeric_limits<double>::infinity());
  EXPECT_EQ(rate_ratio(0, 1, 0, 1).low, 0);
}

TEST(RateRatio, CoversTheTruthAsOftenAsItSays) {
  int covered = 0;
  constexpr int kTrials = 1000;
  Rng rng(StreamId(7, "rate", "ratio"));
  const auto poisson = [&](double mean) {
    std::uint64_t count = 0;
    for (double sum = rng.next_exponential(); sum < mean; sum += rng.next_exponential()) {
      ++count;
    }
    return count;
  };
  for (int i = 0; i < kTrials; ++i) {
    const RatioInterval interval = rate_ratio(poisson(40), 2, poisson(20), 2);
    covered += interval.low <= 2 && 2 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 950);
}

// Newcombe's own example: 56/70 and 48/80.
TEST(ShareDifference, IsThatOfNewcombesPaper) {
  const DifferenceInterval difference = share_difference(56, 70, 48, 80);
  EXPECT_NEAR(difference.difference, 0.2, 1e-12);
  EXPECT_NEAR(difference.low, 0.0524, 5e-5);
  EXPECT_NEAR(difference.high, 0.3339, 5e-5);
}

}  // namespace
}  // namespace squall::stats
