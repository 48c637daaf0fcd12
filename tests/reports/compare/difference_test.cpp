#include "reports/compare/difference.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/stats/student.hpp"

namespace squall::reports {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The normal interval of a figure whose standard error is known.
Estimate normal(double value, double error) {
  return {value, [=](double confidence) {
            const double z = stats::student_critical(confidence, 1e9);
            return Limits{value - z * error, value + z * error};
          }};
}

TEST(Difference, OfSymmetricIntervalsAddsTheSquaresOfTheErrors) {
  const Estimate difference = difference_of(normal(10, 3), normal(14, 4));
  EXPECT_DOUBLE_EQ(difference.value, 4);
  const Limits limits = difference.limits(0.95);
  EXPECT_NEAR(limits.low, 4 - 1.959964 * 5, 1e-4);
  EXPECT_NEAR(limits.high, 4 + 1.959964 * 5, 1e-4);
}

// What is far on one side stays far on that side alone.
TEST(Difference, KeepsTheLopsidednessOfItsParts) {
  const Estimate base{10, [](double) { return Limits{9, 10}; }};
  const Estimate candidate{20, [](double) { return Limits{20, 28}; }};
  const Limits limits = difference_of(base, candidate).limits(0.95);
  EXPECT_DOUBLE_EQ(limits.low, 10);
  EXPECT_DOUBLE_EQ(limits.high, 10 + std::hypot(8.0, 1.0));
}

TEST(Difference, PValueIsThatOfTheNormalTest) {
  for (const double z : {0.5, 1.0, 1.96, 3.0, 5.0}) {
    const Estimate difference = difference_of(normal(0, 0.6), normal(z, 0.8));
    EXPECT_NEAR(p_value_of(difference), std::erfc(z / std::sqrt(2.0)), 1e-5) << z;
    const Estimate other_way = difference_of(normal(z, 0.6), normal(0, 0.8));
    EXPECT_NEAR(p_value_of(other_way), p_value_of(difference), 1e-12) << z;
  }
}

TEST(Difference, NothingIsSureOfUnknownLimits) {
  const Estimate unknown{5, [](double) { return Limits{-kInfinity, kInfinity}; }};
  EXPECT_NEAR(p_value_of(unknown), 1, 1e-9);
  EXPECT_EQ(p_value_of(difference_of(normal(1, 1), normal(1, 1))), 1);
}

// The example of Holm's procedure: 0.01, 0.04, 0.03, 0.005 of four.
TEST(Difference, HolmCorrectsStepByStep) {
  EXPECT_THAT(holm({0.01, 0.04, 0.03, 0.005}),
              ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12),
                          DoubleNear(0.02, 1e-12)));
  EXPECT_THAT(holm({0.9, 0.8}), ElementsAre(1, 1));
  EXPECT_TRUE(holm({}).empty());
}

}  // namespace
}  // namespace squall::reports
