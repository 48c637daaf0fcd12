#include "reports/checks/warm_up.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"

namespace squall::reports {
namespace {

// p50 of each second, microseconds.
model::RunRecord record_of(int seconds, const std::function<double(int)>& p50) {
  model::RunRecord record;
  record.measured_duration = std::chrono::seconds(seconds);
  for (int i = 0; i < seconds; ++i) {
    model::SecondSummary second;
    second.second = i;
    second.response_p50_us = std::llround(p50(i));
    record.seconds.push_back(second);
  }
  return record;
}

TEST(WarmUp, ACacheThatFillsIsSeenWithItsLength) {
  const auto warming = warming_up(record_of(40, [](int second) {
    return 20'000 * (1 + 2 * std::exp(-second / 5.0)) + second % 3 * 100;
  }));
  ASSERT_TRUE(warming);
  // Above a tenth more until 5 ln 20 = 15 seconds.
  EXPECT_NEAR(static_cast<double>(warming->until), 14, 2);
  EXPECT_EQ(warming->first_us, 60'000);
  EXPECT_NEAR(static_cast<double>(warming->steady_us), 20'100, 300);
}

TEST(WarmUp, OneSlowSecondAndSlowSecondsLaterAreNone) {
  EXPECT_FALSE(warming_up(record_of(30, [](int second) { return second == 0 ? 90'000 : 20'000; })));
  EXPECT_FALSE(warming_up(
      record_of(30, [](int second) { return second > 4 && second < 9 ? 90'000 : 20'000; })));
  EXPECT_FALSE(warming_up(record_of(30, [](int second) { return 20'000 + 900 * second; })));
}

TEST(WarmUp, WhatAFaultDoesIsNotJudged) {
  const auto falls = [](int second) { return second < 20 ? 20'000 : 60'000; };
  model::RunRecord record = record_of(40, falls);
  record.phase_bounds.cover(std::chrono::seconds(20), std::chrono::seconds(40));
  EXPECT_FALSE(warming_up(record));
  // Slow from the beginning because of a fault: nothing is left that could be judged.
  record = record_of(40, [](int second) { return second < 10 ? 60'000 - second * 100 : 20'000; });
  EXPECT_TRUE(warming_up(record));
  record.phase_bounds.cover(Duration::zero(), std::chrono::seconds(10));
  EXPECT_FALSE(warming_up(record));
}

TEST(WarmUp, ShortRunsAreNotJudged) {
  EXPECT_FALSE(warming_up(record_of(8, [](int second) { return 90'000 - second * 10'000; })));
  EXPECT_FALSE(warming_up(record_of(0, [](int) { return 0; })));
}

// False alarms on steady runs of 12 to 60 seconds whose seconds differ by 2% to 20% and follow each
// other: at most 1%.
TEST(WarmUp, SteadyRunsSeldomRaiseAnAlarm) {
  Rng rng(StreamId(7, "warm-up", "steady"));
  constexpr int kRuns = 3000;
  constexpr double kCorrelation = 0.5;
  int alarms = 0;
  for (int run = 0; run < kRuns; ++run) {
    const double deviation = 0.02 + 0.18 * rng.next_unit();
    const int seconds = 12 + static_cast<int>(rng.next_below(49));
    double level = rng.next_normal();
    alarms += warming_up(record_of(seconds,
                                   [&](int) {
                                     level = kCorrelation * level +
                                             std::sqrt(1 - kCorrelation * kCorrelation) *
                                                 rng.next_normal();
                                     return 20'000 * std::exp(deviation * level);
                                   }))
                  ? 1
                  : 0;
  }
  EXPECT_LE(alarms, kRuns / 100);
  RecordProperty("alarms", alarms);
}

}  // namespace
}  // namespace squall::reports
