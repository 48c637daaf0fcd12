#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "loadgen/engine/rate_curve.hpp"

namespace squall::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

RateCurve ramp(double from, double to, Duration over) {
  RateCurve curve;
  curve.add_linear(over, Rate{from}, Rate{to});
  curve.hold(Rate{to});
  return curve;
}

TEST(RateCurve, IntegratesEachPiece) {
  const RateCurve curve = ramp(0, 1000, seconds(10));
  EXPECT_DOUBLE_EQ(curve.integral(seconds(1)), 50);
  EXPECT_DOUBLE_EQ(curve.integral(seconds(10)), 5000);
  EXPECT_DOUBLE_EQ(curve.integral(seconds(12)), 7000);
  EXPECT_DOUBLE_EQ(curve.rate_at(seconds(5)).per_second, 500);
  EXPECT_DOUBLE_EQ(curve.rate_at(seconds(60)).per_second, 1000);
}

TEST(RateCurve, InvertsARampInClosedForm) {
  const RateCurve curve = ramp(0, 1000, seconds(10));
  for (const double count : {0.0, 1.0, 50.0, 1234.0, 4999.0}) {
    const double exact_ns = std::sqrt(count / 50.0) * 1e9;
    EXPECT_NEAR(static_cast<double>(curve.at_count(count)->count()), exact_ns, 1.0) << count;
  }
  EXPECT_EQ(curve.at_count(5000), seconds(10));
  EXPECT_EQ(curve.at_count(6000), seconds(11));
}

TEST(RateCurve, InvertsAFallToZeroAndThenNothingIsDue) {
  const RateCurve curve = ramp(100, 0, seconds(10));
  // integral(t) = 100 t - 5 t^2, so 500 arrivals in all, the last one before the end.
  EXPECT_NEAR(to_seconds(*curve.at_count(320)), 4.0, 1e-9);
  EXPECT_NEAR(to_seconds(*curve.at_count(499)), 10 - std::sqrt(0.2), 1e-9);
  EXPECT_EQ(curve.at_count(500), std::nullopt);
  EXPECT_EQ(curve.at_count(501), std::nullopt);
}

TEST(RateCurve, NothingIsDueInAPause) {
  RateCurve curve;
  curve.add_linear(seconds(1), Rate{10}, Rate{10});
  curve.add_linear(seconds(5), Rate{0}, Rate{0});
  curve.hold(Rate{10});
  EXPECT_EQ(curve.at_count(9), milliseconds(900));
  EXPECT_EQ(curve.at_count(10), seconds(6));
  EXPECT_EQ(curve.at_count(11), milliseconds(6100));
}

// 0.1 + 0.1 + 0.1 is not 0.3 in binary: what is due at the end of a piece must not slip into the
// pause behind it, nor into the piece before it.
TEST(RateCurve, RoundingMovesNothingIntoAPause) {
  for (const double rate : {0.1, 0.3, 0.7, 1.1, 3.3, 1.0 / 3.0}) {
    RateCurve curve;
    curve.add_linear(seconds(30), Rate{rate}, Rate{rate});
    curve.add_linear(seconds(5), Rate{0}, Rate{0});
    curve.hold(Rate{rate});
    const double whole = std::round(rate * 30);
    if (std::abs(whole - rate * 30) < 1e-9) {
      EXPECT_EQ(curve.at_count(whole), seconds(35)) << rate;
    }
    for (double count = 0; count < 3 * whole; ++count) {
      const Duration at = *curve.at_count(count);
      EXPECT_FALSE(at >= seconds(30) && at < seconds(35)) << rate << " " << count;
    }
  }
}

RateCurve sine(double mean, double amplitude, Duration period) {
  RateCurve curve;
  curve.hold_sine(Rate{mean}, Rate{amplitude}, period);
  return curve;
}

// The instant found is within a nanosecond of the true one: the integral one nanosecond before and
// after it encloses the count.
TEST(RateCurve, InvertsASineToTheNanosecond) {
  const double tiny = 1e-9;
  for (const double share : {0.0, 0.5, 0.9, 0.999, 1.0}) {
    const RateCurve curve = sine(300, 300 * share, seconds(7));
    for (double count = 0; count < 9000; count += 1.37) {
      const Duration at = *curve.at_count(count);
      EXPECT_LE(curve.integral(at - Duration(1)), count + tiny) << share << " " << count;
      EXPECT_GE(curve.integral(at + Duration(1)), count - tiny) << share << " " << count;
    }
  }
}

TEST(RateCurve, ASineHasItsMeanOverEachPeriod) {
  const RateCurve curve = sine(300, 300, seconds(7));
  for (int period = 1; period <= 100; ++period) {
    EXPECT_NEAR(curve.integral(seconds(7) * period), 2100.0 * period, 1e-6);
    EXPECT_NEAR(to_seconds(*curve.at_count(2100.0 * period)), 7.0 * period, 1e-6);
  }
}

TEST(RateCurve, KnowsItsPeakWithinARun) {
  EXPECT_DOUBLE_EQ(ramp(0, 1000, seconds(10)).peak(seconds(5)).per_second, 500);
  EXPECT_DOUBLE_EQ(ramp(0, 1000, seconds(10)).peak(minutes(5)).per_second, 1000);
  EXPECT_DOUBLE_EQ(ramp(1000, 0, seconds(10)).peak(minutes(5)).per_second, 1000);
  EXPECT_NEAR(sine(100, 50, seconds(40)).peak(seconds(5)).per_second, 100 + 50 * std::sqrt(0.5),
              1e-9);
  EXPECT_DOUBLE_EQ(sine(100, 50, seconds(40)).peak(seconds(10)).per_second, 150);
}

TEST(RateCurve, ALeadHoldsTheFirstRate) {
  const RateCurve curve = ramp(10, 110, seconds(10)).with_lead(seconds(2));
  EXPECT_DOUBLE_EQ(curve.integral(seconds(2)), 20);
  EXPECT_DOUBLE_EQ(curve.integral(seconds(12)), 20 + 600);
  EXPECT_EQ(curve.at_count(5), milliseconds(500));
  EXPECT_EQ(ramp(10, 110, seconds(10)).with_lead({}).at_count(7),
            ramp(10, 110, seconds(10)).at_count(7));
}

TEST(RateCurve, HostileLengthsDoNotOverflow) {
  RateCurve curve;
  for (int i = 0; i < 100; ++i) {
    curve.add_linear(std::chrono::hours(24) * 36000, Rate{1}, Rate{2});
  }
  curve.hold(Rate{1});
  EXPECT_GT(curve.integral(std::chrono::hours(24) * 30000), 0);
  EXPECT_EQ(sine(1e-9, 0, seconds(1)).at_count(1e15), std::nullopt);
}

}  // namespace
}  // namespace squall::engine
