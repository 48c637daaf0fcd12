// Resampling.
#include "loadgen/stats/bootstrap.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "loadgen/base/rng.hpp"

namespace squall::stats {
namespace {

TEST(Median, IsTheMiddle) {
  EXPECT_DOUBLE_EQ(median_of(std::vector<double>{3}), 3);
  EXPECT_DOUBLE_EQ(median_of(std::vector<double>{9, 1, 5}), 5);
  EXPECT_DOUBLE_EQ(median_of(std::vector<double>{4, 1, 9, 2}), 3);
}

TEST(Bootstrap, OfEqualValuesHasNoWidth) {
  const std::vector<double> same(20, 4.0);
  const Interval interval = bootstrap(same, mean_of);
  EXPECT_DOUBLE_EQ(interval.low, 4);
  EXPECT_DOUBLE_EQ(interval.high, 4);
}

TEST(Bootstrap, IsTheSameForTheSameSample) {
  const std::vector<double> sample = {1, 5, 2, 8, 3, 9, 4};
  EXPECT_DOUBLE_EQ(bootstrap(sample, median_of).low, bootstrap(sample, median_of).low);
}

// The mean of n standard normal values: +- 1.96 / sqrt(n).
TEST(Bootstrap, OfAMeanComesNearTheNormalInterval) {
  Rng rng(StreamId(1, "bootstrap", "normal"));
  std::vector<double> sample(400);
  for (double& value : sample) {
    value = rng.next_normal();
  }
  const Interval interval = bootstrap(sample, mean_of);
  EXPECT_NEAR(interval.high - interval.low, 2 * 0.098, 0.02);
}

TEST(Bootstrap, CoversTheTruthNearlyAsOftenAsItSays) {
  int covered = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(StreamId(seed, "bootstrap", "coverage"));
    std::vector<double> a(60);
    std::vector<double> b(60);
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = 10 + rng.next_exponential();
      b[i] = 7 + rng.next_exponential();
    }
    const Interval interval =
        bootstrap(a, b, [](auto x, auto y) { return median_of(x) - median_of(y); });
    covered += interval.low <= 3 && 3 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 180);
}

}  // namespace
}  // namespace squall::stats
