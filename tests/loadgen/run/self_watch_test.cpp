#include "loadgen/run/self_watch.hpp"

#include <gtest/gtest.h>

namespace squall::test {
namespace {

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
  second.lag_p99_ns = 20'000;
  return second;
}

TEST(SelfWatch, IsSilentWhenAllIsWell) {
  SelfWatch watch(kLimits, seconds(10));
  for (std::int64_t i = -2; i < 10; ++i) {
    EXPECT_TRUE(watch.second(good(i), kPlenty).empty());
  }
}

TEST(SelfWatch, NamesTheFirstSecondOfEachReasonOnce) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary late = good(3);
  late.lag_p99_ns = 11'000'000;
  const auto breaches = watch.second(late, kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 3.0);
  EXPECT_EQ(breaches[0].reason, "the generator was late: lag p99 11ms in second 3 (limit 10ms)");
  EXPECT_FALSE(breaches[0].voids_effects);
  late.second = 4;
  EXPECT_TRUE(watch.second(late, kPlenty).empty());
}

TEST(SelfWatch, JudgesNeitherWarmupNorDrain) {
  SelfWatch watch(kLimits, seconds(10));
  for (const std::int64_t number : {-1, 10, 11}) {
    model::SecondSummary late = good(number);
    late.lag_p99_ns = 11'000'000;
    EXPECT_TRUE(watch.second(late, kPlenty).empty()) << number;
  }
}

TEST(SelfWatch, SeesArrivalsThatStayBehind) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary behind = good(0);
  behind.counters.started = 98;
  EXPECT_TRUE(watch.second(behind, kPlenty).empty());  // a pause at the end of a second …
  model::SecondSummary caught_up = good(1);
  caught_up.counters.started = 102;
  EXPECT_TRUE(watch.second(caught_up, kPlenty).empty());  // … that is made up for
  behind.second = 2;
  EXPECT_TRUE(watch.second(behind, kPlenty).empty());
  behind.second = 3;
  const auto breaches = watch.second(behind, kPlenty);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(breaches[0].from_second, 3.0);
}

TEST(SelfWatch, ABusyLoopIsABreachOnlyWhenItsLagGrows) {
  SelfWatch watch(kLimits, seconds(10));
  model::SecondSummary busy = good(0);
  busy.counters.loop_busy_ns = 990;
  busy.counters.loop_idle_ns = 10;
  EXPECT_TRUE(watch.second(busy, kPlenty).empty());
  busy.second = 1;
  EXPECT_TRUE(watch.second(busy, kPlenty).empty());
  busy.second = 2;
  busy.lag_p50_ns = 1200;
  EXPECT_TRUE(watch.second(busy, kPlenty).empty()) << "one second may be chance";
  busy.second = 3;
  busy.lag_p50_ns = 1400;
  EXPECT_EQ(watch.second(busy, kPlenty).size(), 1U);
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
    EXPECT_TRUE(watch.second(spinning, kPlenty).empty());
  }
}

TEST(SelfWatch, SeesDescriptorsAndPortsRunOut) {
  SelfWatch watch(kLimits, seconds(10));
  HostUse scarce = kPlenty;
  scarce.descriptors = 960;
  scarce.ports = 960;
  EXPECT_EQ(watch.second(good(0), scarce).size(), 2U);
}

TEST(SelfWatch, ReadsThisHost) {
  const HostUse use = run::read_host_use();
  EXPECT_GE(use.descriptors, 3U);
  EXPECT_GT(use.descriptor_limit, use.descriptors);
  EXPECT_GT(use.port_limit, 0U);
}

}  // namespace
}  // namespace squall::test
