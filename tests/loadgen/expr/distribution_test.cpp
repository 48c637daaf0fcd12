#include "loadgen/expr/distribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "loadgen/base/rng.hpp"

namespace squall::expr {
namespace {

using namespace std::chrono_literals;

std::vector<double> draws_in_ms(const Distribution& distribution, int count = 100'000) {
  const StreamId stream(9, "distribution", "test");
  std::vector<double> draws;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
    const Duration draw = distribution.at(stream.unit_at(i, 0), stream.unit_at(i, 1));
    EXPECT_GE(draw, Duration::zero());
    draws.push_back(static_cast<double>(draw.count()) / 1e6);
  }
  std::sort(draws.begin(), draws.end());
  return draws;
}

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

TEST(Distribution, ConstantIsAlwaysTheSame) {
  const Distribution constant = Distribution::constant(80ms);
  EXPECT_EQ(constant.at(0, 0), 80ms);
  EXPECT_EQ(constant.at(0.999, 0.5), 80ms);
}

TEST(Distribution, UniformFillsItsRange) {
  const Distribution uniform{.kind = DistributionKind::kUniform, .low = 10ms, .high = 30ms};
  EXPECT_EQ(uniform.at(0, 0), 10ms);
  EXPECT_LT(uniform.at(0x1.fffffffffffffp-1, 0), 30ms + 1ns);
  const auto draws = draws_in_ms(uniform);
  EXPECT_NEAR(quantile(draws, 0.25), 15, 0.2);
  EXPECT_NEAR(quantile(draws, 0.5), 20, 0.2);
  EXPECT_NEAR(quantile(draws, 0.75), 25, 0.2);
}

TEST(Distribution, NormalHasItsMeanAndDeviationAndIsCutAtZero) {
  const auto draws =
      draws_in_ms({.kind = DistributionKind::kNormal, .center = 100ms, .spread = 10e6});
  EXPECT_NEAR(quantile(draws, 0.5), 100, 0.3);
  EXPECT_NEAR(quantile(draws, 0.841345), 110, 0.3);
  EXPECT_NEAR(quantile(draws, 0.158655), 90, 0.3);
  const auto cut = draws_in_ms({.kind = DistributionKind::kNormal, .center = 0ms, .spread = 10e6});
  EXPECT_EQ(quantile(cut, 0.45), 0);
  EXPECT_NEAR(quantile(cut, 0.841345), 10, 0.3);
}

TEST(Distribution, LognormalHasItsMedianAndSigma) {
  const auto draws =
      draws_in_ms({.kind = DistributionKind::kLognormal, .center = 80ms, .spread = 0.5});
  EXPECT_NEAR(quantile(draws, 0.5), 80, 0.8);
  EXPECT_NEAR(quantile(draws, 0.841345), 80 * std::exp(0.5), 1.5);
  EXPECT_NEAR(quantile(draws, 0.99), 80 * std::exp(0.5 * 2.3263), 6);
}

TEST(Distribution, ParetoHasItsMedianAndTail) {
  const auto draws =
      draws_in_ms({.kind = DistributionKind::kPareto, .center = 10ms, .spread = 1.5});
  const double scale = 10 / std::exp2(1 / 1.5);
  EXPECT_NEAR(draws.front(), scale, 0.01);
  EXPECT_NEAR(quantile(draws, 0.5), 10, 0.2);
  EXPECT_NEAR(quantile(draws, 0.99), scale * std::pow(0.01, -1 / 1.5), 8);
}

TEST(Distribution, ExtremesStayInBounds) {
  const double last = 0x1.fffffffffffffp-1;
  for (const DistributionKind kind :
       {DistributionKind::kNormal, DistributionKind::kLognormal, DistributionKind::kPareto}) {
    const Distribution wild{
        .kind = kind, .center = 36500h, .spread = kind == DistributionKind::kNormal ? 1e300 : 0.1};
    for (const double unit : {0.0, 0.5, last}) {
      for (const double unit2 : {0.0, 0.25, 0.5, last}) {
        EXPECT_GE(wild.at(unit, unit2), Duration::zero());
        EXPECT_LE(wild.at(unit, unit2), kLongestDraw);
      }
    }
  }
}

TEST(Distribution, KnowsWhenItDrawsNothing) {
  EXPECT_TRUE(Distribution::constant(0ms).is_zero());
  EXPECT_FALSE(Distribution::constant(1ns).is_zero());
  EXPECT_TRUE((Distribution{.kind = DistributionKind::kUniform}).is_zero());
  EXPECT_FALSE((Distribution{.kind = DistributionKind::kUniform, .high = 1ms}).is_zero());
  EXPECT_FALSE((Distribution{.kind = DistributionKind::kNormal, .spread = 1e6}).is_zero());
  EXPECT_TRUE((Distribution{.kind = DistributionKind::kNormal}).is_zero());
  EXPECT_TRUE((Distribution{.kind = DistributionKind::kLognormal, .spread = 0.5}).is_zero());
  EXPECT_FALSE((Distribution{.kind = DistributionKind::kExponential, .center = 1ms}).is_zero());
  EXPECT_TRUE((Distribution{.kind = DistributionKind::kTable, .values = {0ms, 0ms}}).is_zero());
  EXPECT_FALSE((Distribution{.kind = DistributionKind::kTable, .values = {0ms, 1ms}}).is_zero());
  EXPECT_FALSE(
      (Distribution{.kind = DistributionKind::kPareto, .center = 1ms, .spread = 1.5}).is_zero());
}

TEST(Distribution, ReadsWell) {
  EXPECT_EQ(Distribution::constant(80ms).to_text(), "80ms");
  EXPECT_EQ((Distribution{.kind = DistributionKind::kUniform, .low = 1ms, .high = 5ms}.to_text()),
            "uniform from 1ms to 5ms");
  EXPECT_EQ(
      (Distribution{.kind = DistributionKind::kNormal, .center = 20ms, .spread = 5e6}.to_text()),
      "normal, mean 20ms, stddev 5ms");
  EXPECT_EQ(
      (Distribution{.kind = DistributionKind::kLognormal, .center = 80ms, .spread = 0.5}.to_text()),
      "lognormal, median 80ms, sigma 0.5");
  EXPECT_EQ(
      (Distribution{.kind = DistributionKind::kPareto, .center = 10ms, .spread = 1.5}.to_text()),
      "pareto, median 10ms, alpha 1.5");
}

TEST(Distribution, ExponentialHasItsMeanAndItsShape) {
  const auto draws = draws_in_ms({.kind = DistributionKind::kExponential, .center = 100ms});
  double sum = 0;
  for (const double draw : draws) {
    sum += draw;
  }
  const auto count = static_cast<double>(draws.size());
  EXPECT_NEAR(sum / count, 100, 5 * 100 / std::sqrt(count));
  const auto below = std::count_if(draws.begin(), draws.end(), [](double d) { return d < 100; });
  EXPECT_NEAR(static_cast<double>(below) / count, 1 - std::exp(-1), 5 * 0.5 / std::sqrt(count));
}

TEST(Distribution, TableGivesEachValueAsOftenAsItStands) {
  const Distribution table{.kind = DistributionKind::kTable, .values = {1ms, 1ms, 1ms, 5ms}};
  const auto draws = draws_in_ms(table);
  const auto fives = std::count(draws.begin(), draws.end(), 5.0);
  const auto ones = std::count(draws.begin(), draws.end(), 1.0);
  const auto count = static_cast<double>(draws.size());
  EXPECT_EQ(ones + fives, static_cast<std::ptrdiff_t>(draws.size()));
  EXPECT_NEAR(static_cast<double>(fives) / count, 0.25, 5 * 0.44 / std::sqrt(count));
  EXPECT_EQ(table.at(0.9999999999999999, 0), 5ms);
  EXPECT_EQ(table.to_text(), "one of 4 values from 1ms to 5ms");
}

}  // namespace
}  // namespace squall::expr
