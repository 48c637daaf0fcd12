#include "reports/compare/clusters.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"
#include "loadgen/stats/counts.hpp"

namespace squall::reports {
namespace {

// By hand: clusters 1/10, 3/10, 2/10 have the ratio 0.2 and residuals -1, 1, 0; the variance is 3/2
// times the sum of their squares, over the square of 30.
TEST(Clusters, VarianceOfARatioByHand) {
  const ClusteredRatio ratio = clustered_ratio({{1, 10}, {3, 10}, {2, 10}});
  EXPECT_DOUBLE_EQ(ratio.ratio, 0.2);
  EXPECT_DOUBLE_EQ(ratio.below, 30);
  EXPECT_NEAR(ratio.variance, 1.5 * 2 / 900, 1e-15);
  EXPECT_DOUBLE_EQ(ratio.freedom, 2);
}

// Two levels that each stratum keeps exactly are no scatter.
TEST(Clusters, StrataScatterAroundThemselves) {
  const ClusteredRatio ratio = clustered_ratio({{1, 10, 0}, {1, 10, 0}, {9, 10, 1}, {9, 10, 1}});
  EXPECT_DOUBLE_EQ(ratio.ratio, 0.5);
  EXPECT_DOUBLE_EQ(ratio.variance, 0);
  EXPECT_DOUBLE_EQ(ratio.freedom, 2);
  EXPECT_GT(clustered_ratio({{1, 10}, {1, 10}, {9, 10}, {9, 10}}).variance, 0.03);
}

TEST(Clusters, AStratumOfOneJoinsItsNeighbour) {
  EXPECT_DOUBLE_EQ(clustered_ratio({{1, 10, 0}, {2, 10, 0}, {9, 10, 1}}).freedom, 2);
  EXPECT_DOUBLE_EQ(clustered_ratio({{9, 10, 0}, {1, 10, 1}, {2, 10, 1}}).freedom, 2);
  EXPECT_DOUBLE_EQ(clustered_ratio({{1, 10}}).freedom, 0);
  EXPECT_DOUBLE_EQ(clustered_ratio({}).below, 0);
}

TEST(Clusters, BatchesKeepTheSumsAndDoNotCrossStrata) {
  std::vector<Cluster> seconds;
  for (int i = 0; i < 36; ++i) {
    seconds.push_back({1, 2, i < 18 ? std::size_t{0} : std::size_t{1}});
  }
  const std::vector<Cluster> batches = in_batches(seconds);  // of sqrt(36) / 1.5 = 4 seconds
  ASSERT_EQ(batches.size(), 10U);
  EXPECT_DOUBLE_EQ(batches[0].above, 4);
  EXPECT_DOUBLE_EQ(batches[4].above, 2) << "the last two seconds of the first stratum";
  EXPECT_EQ(batches[4].stratum, 0U);
  EXPECT_EQ(batches[5].stratum, 1U);
}

TEST(Clusters, IndependentTrialsHaveADesignEffectOfAboutOne) {
  Rng rng(StreamId(1, "clusters", "test"));
  double sum = 0;
  constexpr int kTries = 200;
  for (int i = 0; i < kTries; ++i) {
    std::vector<Cluster> seconds(60);
    for (Cluster& second : seconds) {
      second.below = 100;
      for (int trial = 0; trial < 100; ++trial) {
        second.above += rng.next_unit() < 0.1 ? 1 : 0;
      }
    }
    const ClusteredRatio share = clustered_ratio(seconds);
    sum += share.variance / (share.ratio * (1 - share.ratio) / share.below);
  }
  EXPECT_NEAR(sum / kTries, 1, 0.05);
}

TEST(Clusters, WholeSecondsThatFailHaveALargeOne) {
  std::vector<Cluster> seconds(50, Cluster{0, 100});
  for (std::size_t i = 0; i < 5; ++i) {
    seconds[i * 10].above = 100;
  }
  // The variance of a mean of 50 seconds against one of 5000 trials: a hundred times, give or take
  // the 50 / 49.
  EXPECT_NEAR(design_effect(clustered_ratio(seconds)), 100 * 50.0 / 49, 1e-6);
}

// With differences by MOVER it is Newcombe's interval, which loadgen/stats has too.
TEST(Clusters, DifferenceOfSharesIsNewcombes) {
  const auto share = [](double hits, double trials) {
    ClusteredRatio ratio;
    ratio.ratio = hits / trials;
    ratio.below = trials;
    ratio.variance = ratio.ratio * (1 - ratio.ratio) / trials;
    ratio.freedom = 1e9;
    return share_estimate(ratio);
  };
  const Limits limits = difference_of(share(48, 80), share(56, 70)).limits(0.95);
  const stats::DifferenceInterval newcombe = stats::share_difference(56, 70, 48, 80);
  EXPECT_NEAR(limits.low, newcombe.low, 1e-6);
  EXPECT_NEAR(limits.high, newcombe.high, 1e-6);
}

TEST(Clusters, NoHitsHaveTheLimitOfIndependentTrials) {
  const Limits limits = share_estimate(clustered_ratio({{0, 3000}, {0, 3000}})).limits(0.95);
  EXPECT_EQ(limits.low, 0);
  EXPECT_NEAR(limits.high, 3.8415 / (6000 + 3.8415), 1e-6);
}

// The mean of 1, 2, 3, 4 with three degrees of freedom: 2.5 +- 3.1824 * 1.29099 / 2.
TEST(Clusters, MeanHasStudentsInterval) {
  const Estimate mean = mean_estimate({1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(mean.value, 2.5);
  EXPECT_NEAR(mean.limits(0.95).high, 2.5 + 3.18245 * 1.290994 / 2, 1e-4);
  EXPECT_TRUE(std::isinf(mean_estimate({1}).limits(0.95).high));
}

TEST(Clusters, RateHasARelativeError) {
  // 10, 12, 8 per second: a variance of the mean of 4 / 3.
  const Estimate rate = log_rate_estimate(clustered_ratio({{10, 1}, {12, 1}, {8, 1}}));
  EXPECT_NEAR(rate.value, std::log(10), 1e-12);
  EXPECT_NEAR(rate.limits(0.95).high - rate.value, 4.30265 * std::sqrt(4.0 / 3) / 10, 1e-4);
}

}  // namespace
}  // namespace squall::reports
