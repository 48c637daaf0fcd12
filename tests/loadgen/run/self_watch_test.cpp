#include "loadgen/run/self_watch.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <vector>

namespace squall::test {
namespace {

using model::Lateness;
using run::HostUse;
using run::SelfWatch;
using std::chrono::milliseconds;
using std::chrono::seconds;

const model::MeasurementLimits kLimits{
    .lag_p99 = milliseconds(10), .started = Share{0.99}, .min_idle_share = 0.05};
constexpr HostUse kPlenty{.descriptors = 10, .descriptor_limit = 1000};

model::SecondSummary good(std::int64_t number) {
  model::SecondSummary second;
  second.second = number;
  second.counters.due = 100;
  second.counters.started = 100;
  second.counters.loop_busy_ns = 500;
  second.counters.loop_idle_ns = 500;
  second.lag_p50_ns = 1000;
  return second;
}

// Take-ups due in that second, some of them late.
std::vector<Lateness> lateness(std::int64_t second, std::uint64_t starts, std::uint64_t late) {
  return {
      {.second = second, .starts = starts, .late = late, .worst_ns = late > 0 ? 11'000'000 : 0}};
}

TEST(SelfWatch, IsSilentWhenAllIsWell) {
  SelfWatch watch(kLimits, seconds(10));
  for (std::int64_t i = -2; i < 10; ++i) {
    EXPECT_TRUE(watch.second(good(i), {}, kPlenty).empty());
  }
}

TEST(SelfWatch, NamesTheFirstSecondOfEachReasonOnce) {
  SelfWatch watch(kLimits, seconds(10));
  EXPECT_TRUE(watch.second(good(2), lateness(2, 1000, 10), kPlenty).empty()) << "one in a hundred";
  const auto breaches = watch.second(good(3), lateness(3, 1000, 11), kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 3.0);
  EXPECT_EQ(breaches[0].reason,
            "the generator was late: lag p99 above 10ms in second 3 (11 of 1000 starts due then "
            "were later than that, the latest by 11ms; --set limits.lag_p99=… sets the limit)");
  EXPECT_FALSE(breaches[0].voids_effects);
  EXPECT_TRUE(watch.second(good(4), lateness(4, 1000, 1000), kPlenty).empty());
}

TEST(SelfWatch, OneLateStartOfASlowRunIsNoBreach) {
  // 50 starts a second: the p99 of one second is its maximum.
  SelfWatch watch(kLimits, seconds(60));
  for (std::int64_t i = 0; i < 60; ++i) {
    const std::uint64_t late = i % 5 == 0 ? 1 : 0;  // 4 in 1,000, and never ten of the window
    EXPECT_TRUE(watch.second(good(i), lateness(i, 50, late), kPlenty).empty()) << i;
  }
}

TEST(SelfWatch, LatenessOfASlowRunAddsUpOverSeconds) {
  SelfWatch watch(kLimits, seconds(100));
  std::int64_t second = 0;
  for (; second < 30; ++second) {
    ASSERT_TRUE(watch.second(good(second), lateness(second, 50, 0), kPlenty).empty());
  }
  for (; second < 40; ++second) {
    ASSERT_TRUE(watch.second(good(second), lateness(second, 50, 1), kPlenty).empty())
        << "10 in all";
  }
  const auto breaches = watch.second(good(second), lateness(second, 50, 1), kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 30.0) << "the first late one of the window";
  EXPECT_NE(breaches[0].reason.find("in seconds 21 to 40 (11 of 1000"), std::string::npos)
      << breaches[0].reason;
}

TEST(SelfWatch, TheFirstSecondsAreJudgedByTenLateStartsOrMore) {
  SelfWatch watch(kLimits, seconds(100));
  EXPECT_TRUE(watch.second(good(0), lateness(0, 20, 9), kPlenty).empty());
  const auto breaches = watch.second(good(1), lateness(1, 20, 1), kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 0.0);
}

TEST(SelfWatch, AFullSecondBeforeHidesNothingOfTheSlowOnesAfterIt) {
  // Second 1 alone is too few for a window; with second 0 it has few late ones, with second 2 not.
  SelfWatch watch(kLimits, seconds(100));
  EXPECT_TRUE(watch.second(good(0), lateness(0, 2000, 0), kPlenty).empty());
  EXPECT_TRUE(watch.second(good(1), lateness(1, 900, 15), kPlenty).empty());
  EXPECT_EQ(watch.second(good(2), lateness(2, 200, 0), kPlenty).size(), 1U);
}

TEST(SelfWatch, JudgesNeitherWarmupNorDrain) {
  SelfWatch watch(kLimits, seconds(10));
  for (const std::int64_t number : {-1, 10, 11}) {
    EXPECT_TRUE(watch.second(good(number), lateness(number, 100, 100), kPlenty).empty()) << number;
  }
}

TEST(SelfWatch, WhatWasDueInTheLastSecondCountsWhenTheDrainBringsIt) {
  SelfWatch watch(kLimits, seconds(10));
  EXPECT_TRUE(watch.second(good(9), lateness(9, 100, 0), kPlenty).empty());
  const auto breaches = watch.second(good(10), lateness(9, 100, 30), kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 9.0);
}

TEST(SelfWatch, LatenessOfOneSecondAddsUpOverTheSlicesThatBringIt) {
  SelfWatch watch(kLimits, seconds(10));
  EXPECT_TRUE(watch.second(good(5), lateness(5, 1400, 14), kPlenty).empty());
  EXPECT_EQ(watch.second(good(6), lateness(5, 1, 1), kPlenty).size(), 1U);
}

TEST(SelfWatch, ABacklogAtTheEndOfTheLastSecondIsABreachWhenItLasts) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary last = good(9);
  last.counters.started = 60;
  EXPECT_TRUE(watch.second(last, {}, kPlenty).empty());
  model::SecondSummary drain = good(10);
  drain.counters.due = 0;
  drain.counters.started = 10;
  const auto breaches = watch.second(drain, {}, kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 9.0);
  EXPECT_TRUE(watch.end().empty()) << "told already";
}

TEST(SelfWatch, ABacklogThatTheDrainMakesUpForIsLatenessAlone) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary last = good(9);
  last.counters.started = 60;
  EXPECT_TRUE(watch.second(last, {}, kPlenty).empty());
  model::SecondSummary drain = good(10);
  drain.counters.due = 0;
  drain.counters.started = 40;
  EXPECT_TRUE(watch.second(drain, {}, kPlenty).empty());
  EXPECT_TRUE(watch.end().empty());
}

TEST(SelfWatch, WhatWasNeverStartedIsABreachAtTheEnd) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary last = good(9);
  last.counters.started = 60;
  EXPECT_TRUE(watch.second(last, {}, kPlenty).empty());
  const auto breaches = watch.end();
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 9.0);
}

TEST(SelfWatch, ABacklogOfTheWarmupIsNotMadeUpForByTheMeasuredPhase) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary before = good(-1);
  before.counters.started = 50;
  EXPECT_TRUE(watch.second(before, {}, kPlenty).empty());
  EXPECT_TRUE(watch.second(good(0), {}, kPlenty).empty());
  EXPECT_EQ(watch.second(good(1), {}, kPlenty).size(), 1U);
}

TEST(SelfWatch, SeesArrivalsThatStayBehind) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary behind = good(0);
  behind.counters.started = 98;
  EXPECT_TRUE(watch.second(behind, {}, kPlenty).empty());  // a pause at the end of a second …
  model::SecondSummary caught_up = good(1);
  caught_up.counters.started = 102;
  EXPECT_TRUE(watch.second(caught_up, {}, kPlenty).empty());  // … that is made up for
  behind.second = 2;
  EXPECT_TRUE(watch.second(behind, {}, kPlenty).empty());
  behind.second = 3;
  const auto breaches = watch.second(behind, {}, kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 3.0);
}

TEST(SelfWatch, ABusyLoopIsABreachOnlyWhenItsLagGrows) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary busy = good(0);
  busy.counters.loop_busy_ns = 990;
  busy.counters.loop_idle_ns = 10;
  EXPECT_TRUE(watch.second(busy, {}, kPlenty).empty());
  busy.second = 1;
  EXPECT_TRUE(watch.second(busy, {}, kPlenty).empty());
  busy.second = 2;
  busy.lag_p50_ns = 1200;
  EXPECT_TRUE(watch.second(busy, {}, kPlenty).empty()) << "one second may be chance";
  busy.second = 3;
  busy.lag_p50_ns = 1400;
  EXPECT_EQ(watch.second(busy, {}, kPlenty).size(), 1U);
}

TEST(SelfWatch, SpinningIsNotBeingBusy) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary spinning = good(0);
  spinning.counters.loop_busy_ns = 100;
  spinning.counters.loop_idle_ns = 0;
  spinning.counters.loop_spin_ns = 900;
  for (int i = 0; i < 5; ++i) {
    spinning.second = i;
    spinning.lag_p50_ns = 1000 * (i + 1);
    EXPECT_TRUE(watch.second(spinning, {}, kPlenty).empty());
  }
}

TEST(SelfWatch, SeesDescriptorsRunOut) {
  SelfWatch watch(kLimits, seconds(10));
  HostUse scarce = kPlenty;
  scarce.descriptors = 960;
  EXPECT_EQ(watch.second(good(0), {}, scarce).size(), 1U);
}

TEST(SelfWatch, AnAttemptWithoutDescriptorOrPortIsABreachWhateverProcSays) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary second = good(10);  // a retry in the drain
  second.counters.out_of_descriptors = 1;
  second.counters.out_of_ports = 1;
  EXPECT_EQ(watch.second(second, {}, kPlenty).size(), 2U);
}

TEST(HostWatch, ReadsThisHost) {
  const HostUse use = run::HostWatch().look();
  EXPECT_GE(use.descriptors, 3U);
  EXPECT_GT(use.descriptor_limit, use.descriptors);
}

TEST(HostWatch, CountsDescriptorsWhenNoneIsLeft) {
  run::HostWatch watch;
  const std::uint64_t before = watch.look().descriptors;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const HostUse use = watch.look();
  const HostUse late = run::HostWatch().look();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(use.descriptors, before);
  EXPECT_EQ(use.descriptor_limit, 3U);
  EXPECT_EQ(late.descriptors, 3U) << "a list that cannot be opened for want of a descriptor";
}

TEST(DescriptorLimit, IsRaisedForAWhile) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{.rlim_cur = before.rlim_max / 2, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  rlimit during{};
  rlimit after{};
  {
    const run::DescriptorLimitRaised raised;
    ::getrlimit(RLIMIT_NOFILE, &during);
  }
  ::getrlimit(RLIMIT_NOFILE, &after);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(during.rlim_cur, before.rlim_max);
  EXPECT_EQ(after.rlim_cur, low.rlim_cur);
}

}  // namespace
}  // namespace squall::test
