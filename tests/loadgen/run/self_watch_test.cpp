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
constexpr HostUse kPlenty{
    .descriptors = 10, .descriptor_limit = 1000, .ports = 10, .port_limit = 1000};

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

// 100 take-ups due in that second, some of them 11 ms late.
std::vector<Lateness> late(std::int64_t second, std::uint64_t count) {
  return {{.second = second, .starts = 100, .late = count, .worst_ns = count > 0 ? 11'000'000 : 0}};
}

TEST(SelfWatch, IsSilentWhenAllIsWell) {
  SelfWatch watch(kLimits, seconds(10));
  for (std::int64_t i = -2; i < 10; ++i) {
    EXPECT_TRUE(watch.second(good(i), {}, kPlenty).empty());
  }
}

TEST(SelfWatch, NamesTheFirstSecondOfEachReasonOnce) {
  SelfWatch watch(kLimits, seconds(10));
  EXPECT_TRUE(watch.second(good(2), late(2, 1), kPlenty).empty()) << "one in a hundred";
  const auto breaches = watch.second(good(3), late(3, 2), kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 3.0);
  EXPECT_EQ(breaches[0].reason,
            "the generator was late: lag p99 above 10ms in second 3 (2 of 100 starts due in it "
            "were later than that, the latest by 11ms)");
  EXPECT_FALSE(breaches[0].voids_effects);
  EXPECT_TRUE(watch.second(good(4), late(4, 100), kPlenty).empty());
}

TEST(SelfWatch, JudgesNeitherWarmupNorDrain) {
  SelfWatch watch(kLimits, seconds(10));
  for (const std::int64_t number : {-1, 10, 11}) {
    EXPECT_TRUE(watch.second(good(number), late(number, 100), kPlenty).empty()) << number;
  }
}

TEST(SelfWatch, WhatWasDueInTheLastSecondCountsWhenTheDrainBringsIt) {
  SelfWatch watch(kLimits, seconds(10));
  EXPECT_TRUE(watch.second(good(9), late(9, 0), kPlenty).empty());
  const auto breaches = watch.second(good(10), late(9, 30), kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 9.0);
}

TEST(SelfWatch, LatenessOfOneSecondAddsUpOverTheSlicesThatBringIt) {
  SelfWatch watch(kLimits, seconds(10));
  EXPECT_TRUE(
      watch.second(good(5), {{.second = 5, .starts = 400, .late = 4, .worst_ns = 1}}, kPlenty)
          .empty());
  EXPECT_EQ(
      watch.second(good(6), {{.second = 5, .starts = 1, .late = 1, .worst_ns = 1}}, kPlenty).size(),
      1U);
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

TEST(SelfWatch, SeesDescriptorsAndPortsRunOut) {
  SelfWatch watch(kLimits, seconds(10));
  HostUse scarce = kPlenty;
  scarce.descriptors = 960;
  scarce.ports = 960;
  EXPECT_EQ(watch.second(good(0), {}, scarce).size(), 2U);
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
  EXPECT_GT(use.port_limit, 0U);
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
