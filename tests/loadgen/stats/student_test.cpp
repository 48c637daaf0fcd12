// Against closed forms: one degree of freedom is the Cauchy distribution, two have an algebraic
// one; many are the normal distribution. The rest are the tables of any textbook.
#include "loadgen/stats/student.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace squall::stats {
namespace {

TEST(Student, OneDegreeIsCauchy) {
  for (const double t : {0.1, 1.0, 3.0, 12.7, 400.0}) {
    EXPECT_NEAR(student_two_sided(t, 1), 1 - 2 * std::atan(t) / std::numbers::pi, 1e-10) << t;
  }
}

TEST(Student, TwoDegreesAreAlgebraic) {
  for (const double t : {0.1, 1.0, 4.3, 50.0}) {
    EXPECT_NEAR(student_two_sided(t, 2), 1 - t / std::sqrt(2 + t * t), 1e-10) << t;
  }
}

TEST(Student, ManyDegreesAreNormal) {
  for (const double t : {0.1, 1.0, 1.96, 4.0}) {
    // The two differ by about 1/freedom; above that lgamma has lost its digits.
    EXPECT_NEAR(student_two_sided(t, 1e6), std::erfc(t / std::numbers::sqrt2), 1e-6) << t;
  }
}

TEST(Student, CriticalValuesOfTheTables) {
  EXPECT_NEAR(student_critical(0.95, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_critical(0.95, 9), 2.262, 5e-4);
  EXPECT_NEAR(student_critical(0.99, 9), 3.250, 5e-4);
  EXPECT_NEAR(student_critical(0.95, 30), 2.042, 5e-4);
  EXPECT_NEAR(student_critical(0.999, 4), 8.610, 5e-4);
  EXPECT_NEAR(student_critical(0.95, 1e6), 1.95996, 1e-4);
}

TEST(Student, CriticalValueAndChanceAreInverse) {
  for (const double freedom : {1.0, 3.5, 9.0, 120.0}) {
    for (const double confidence : {0.5, 0.9, 0.95, 0.9999, 1 - 1e-9}) {
      const double t = student_critical(confidence, freedom);
      EXPECT_NEAR(student_two_sided(t, freedom) / (1 - confidence), 1, 1e-6)
          << freedom << ' ' << confidence;
    }
  }
  EXPECT_EQ(student_critical(0, 5), 0);
}

}  // namespace
}  // namespace squall::stats
