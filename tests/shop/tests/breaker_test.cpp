#include "tests/shop/breaker.hpp"

#include <gtest/gtest.h>

namespace squall::shop {
namespace {

using std::chrono::milliseconds;

const TimePoint kStart = TimePoint(std::chrono::hours(1));

void fail_often(Breaker& breaker, unsigned times, TimePoint now) {
  for (unsigned i = 0; i < times; ++i) {
    ASSERT_TRUE(breaker.let_through(now));
    breaker.failed(now);
  }
}

BreakerSettings settings(BreakerMode mode) {
  return {.mode = mode, .failures = 3, .reset_time = milliseconds(100)};
}

TEST(Breaker, WithoutOneEveryCallGoesOut) {
  Breaker breaker(settings(BreakerMode::kNone));
  fail_often(breaker, 50, kStart);
  EXPECT_TRUE(breaker.let_through(kStart));
}

TEST(Breaker, OpensAfterFailuresInARowOnly) {
  Breaker breaker(settings(BreakerMode::kFull));
  fail_often(breaker, 2, kStart);
  breaker.succeeded();
  fail_often(breaker, 2, kStart);
  EXPECT_TRUE(breaker.let_through(kStart));
  breaker.failed(kStart);
  EXPECT_FALSE(breaker.let_through(kStart + milliseconds(99)));
}

TEST(Breaker, OneCallTriesAfterTheResetTimeAndItsSuccessCloses) {
  Breaker breaker(settings(BreakerMode::kFull));
  fail_often(breaker, 3, kStart);
  EXPECT_TRUE(breaker.let_through(kStart + milliseconds(100)));
  EXPECT_FALSE(breaker.let_through(kStart + milliseconds(100))) << "one at a time";
  breaker.succeeded();
  fail_often(breaker, 2, kStart + milliseconds(101));
  EXPECT_TRUE(breaker.let_through(kStart + milliseconds(101))) << "counting begins anew";
}

TEST(Breaker, AFailedTryOpensItForAnotherResetTime) {
  Breaker breaker(settings(BreakerMode::kFull));
  fail_often(breaker, 3, kStart);
  ASSERT_TRUE(breaker.let_through(kStart + milliseconds(100)));
  breaker.failed(kStart + milliseconds(150));
  EXPECT_FALSE(breaker.let_through(kStart + milliseconds(249)));
  EXPECT_TRUE(breaker.let_through(kStart + milliseconds(250)));
}

TEST(Breaker, WithoutHalfOpenTrafficKeepsItOpen) {
  Breaker breaker(settings(BreakerMode::kNoHalfOpen));
  fail_often(breaker, 3, kStart);
  TimePoint now = kStart;
  for (int i = 0; i < 100; ++i) {
    now += milliseconds(50);
    ASSERT_FALSE(breaker.let_through(now)) << i;
  }
  EXPECT_TRUE(breaker.let_through(now + milliseconds(100))) << "nobody called for a reset time";
}

TEST(Breaker, ASuccessThatWasUnderWayBeforeItOpenedDoesNotCloseIt) {
  Breaker breaker(settings(BreakerMode::kFull));
  ASSERT_TRUE(breaker.let_through(kStart));
  fail_often(breaker, 3, kStart);
  breaker.succeeded();
  EXPECT_FALSE(breaker.let_through(kStart + milliseconds(1)));
}

}  // namespace
}  // namespace squall::shop
