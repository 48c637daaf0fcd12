// Trends and bends against values that can be computed by hand or were published.
#include "loadgen/stats/trend.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "loadgen/base/rng.hpp"

namespace squall::stats {
namespace {

TEST(TheilSen, IgnoresOutliers) {
  std::vector<Point> points;
  for (int i = 0; i < 11; ++i) {
    points.push_back({static_cast<double>(i), 2.0 * i + 1});
  }
  points[5].y = 1000;
  EXPECT_DOUBLE_EQ(*theil_sen_slope(points), 2);
  EXPECT_FALSE(theil_sen_slope(std::vector<Point>{{1, 1}, {1, 2}}));
}

TEST(MannKendall, CountsPairs) {
  const MannKendall rising = mann_kendall(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_DOUBLE_EQ(rising.s, 45);
  // Variance 10 * 9 * 25 / 18 = 125, so z = 44 / sqrt(125).
  EXPECT_NEAR(rising.z, 3.9355, 1e-4);
  EXPECT_NEAR(rising.p_value, 8.3e-5, 1e-6);
  EXPECT_DOUBLE_EQ(mann_kendall(std::vector<double>{3, 3, 3, 3}).p_value, 1);
}

// With ties: 1 2 2 3 has s = 5 and a variance of (4 * 3 * 13 - 2 * 1 * 9) / 18 = 7.667.
TEST(MannKendall, CorrectsForTies) {
  const MannKendall tied = mann_kendall(std::vector<double>{1, 2, 2, 3});
  EXPECT_DOUBLE_EQ(tied.s, 5);
  EXPECT_NEAR(tied.z, 4 / 2.76887, 1e-4);
}

TEST(MannKendall, FindsNoTrendInNoise) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Rng rng(StreamId(seed, "trend", "noise"));
    std::vector<double> values(30);
    for (double& value : values) {
      value = rng.next_exponential();
    }
    found += mann_kendall(values).p_value < 0.01 ? 1 : 0;
  }
  EXPECT_LE(found, 12) << "1% of 400, and what chance adds";
}

TEST(SegmentedFit, FindsTheKnee) {
  std::vector<Point> points;
  for (int i = 0; i <= 20; ++i) {
    points.push_back({static_cast<double>(i), i <= 8 ? 5.0 : 5.0 + 3.0 * (i - 8)});
  }
  const auto fit = segmented_fit(points);
  ASSERT_TRUE(fit);
  EXPECT_DOUBLE_EQ(fit->knee, 8);
  EXPECT_NEAR(fit->slope_before, 0, 1e-9);
  EXPECT_NEAR(fit->slope_after, 3, 1e-9);
  EXPECT_NEAR(fit->residual, 0, 1e-9);
  EXPECT_GT(fit->line_residual, 100);
  EXPECT_FALSE(segmented_fit(std::vector<Point>(4)));
}

}  // namespace
}  // namespace squall::stats
