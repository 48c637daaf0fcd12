// Small rules of the worker: pacing choice, retries, rolling medians.
#include <gtest/gtest.h>

#include "loadgen/engine/pacer.hpp"
#include "loadgen/engine/retry_budget.hpp"
#include "loadgen/engine/rolling_median.hpp"

namespace squall::test {
namespace {

using engine::choose_pace;
using engine::retry_delay;
using engine::RetryBudget;
using engine::RollingMedian;
using model::PaceMode;
using std::chrono::milliseconds;

TEST(Pace, SpinsOnlyOnAFreeCore) {
  EXPECT_FALSE(choose_pace(PaceMode::kAuto, 1, 1, false).spin);
  EXPECT_TRUE(choose_pace(PaceMode::kAuto, 1, 2, false).spin);
  EXPECT_FALSE(choose_pace(PaceMode::kAuto, 1, 2, true).spin);
  EXPECT_TRUE(choose_pace(PaceMode::kAuto, 1, 3, true).spin);
  EXPECT_TRUE(choose_pace(PaceMode::kSpin, 1, 1, true).spin);
  EXPECT_FALSE(choose_pace(PaceMode::kTimer, 1, 64, false).spin);
  EXPECT_EQ(choose_pace(PaceMode::kAuto, 1, 2, true).reason,
            "timer (2 cores for 1 worker and a target on this host: none is free to spin on)");
}

model::RetryPolicy policy(model::Jitter jitter) {
  return {.on = {},
          .attempts = 10,
          .backoff = milliseconds(100),
          .max_backoff = milliseconds(500),
          .jitter = jitter,
          .budget = Share{1.0}};
}

TEST(Retry, BacksOffExponentiallyUpToItsLimit) {
  const StreamId stream(1, "s", "backoff");
  const auto exact = policy(model::Jitter::kNone);
  EXPECT_EQ(retry_delay(exact, stream, 0, 1), milliseconds(100));
  EXPECT_EQ(retry_delay(exact, stream, 0, 2), milliseconds(200));
  EXPECT_EQ(retry_delay(exact, stream, 0, 3), milliseconds(400));
  EXPECT_EQ(retry_delay(exact, stream, 0, 4), milliseconds(500));
  EXPECT_EQ(retry_delay(exact, stream, 0, 60), milliseconds(500));
}

TEST(Retry, JitterIsUniformAndRepeatable) {
  const StreamId stream(1, "s", "backoff");
  const auto jittered = policy(model::Jitter::kFull);
  Duration sum{};
  for (std::uint64_t arrival = 0; arrival < 10'000; ++arrival) {
    const Duration delay = retry_delay(jittered, stream, arrival, 1);
    ASSERT_GE(delay, Duration::zero());
    ASSERT_LE(delay, milliseconds(100));
    EXPECT_EQ(delay, retry_delay(jittered, stream, arrival, 1));
    sum += delay;
  }
  EXPECT_NEAR(to_seconds(sum) / 10'000, 0.05, 0.0015);  // five standard errors
}

TEST(RetryBudget, AllowsABurstThenAShare) {
  RetryBudget budget(Share{0.1});
  int granted = 0;
  for (int i = 0; i < 100; ++i) {
    granted += budget.take() ? 1 : 0;
  }
  EXPECT_EQ(granted, 10);
  for (int i = 0; i < 1000; ++i) {
    budget.first_attempt();
  }
  granted = 0;
  for (int i = 0; i < 100; ++i) {
    granted += budget.take() ? 1 : 0;
  }
  EXPECT_EQ(granted, 10);  // what was saved up is capped by the burst
  RetryBudget free(Share{1.0});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(free.take());
  }
}

TEST(RollingMedian, FollowsTheLastValues) {
  RollingMedian median;
  EXPECT_EQ(median.median(), Duration::max());
  median.add(milliseconds(5));
  EXPECT_EQ(median.median(), milliseconds(5));
  for (int i = 0; i < 64; ++i) {
    median.add(milliseconds(10));
  }
  EXPECT_EQ(median.median(), milliseconds(10));
  for (int i = 0; i < 20; ++i) {
    median.add(std::chrono::seconds(3));  // a third of the window: the median stays
  }
  EXPECT_EQ(median.median(), milliseconds(10));
}

}  // namespace
}  // namespace squall::test
