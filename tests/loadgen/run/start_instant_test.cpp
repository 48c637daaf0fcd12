#include "loadgen/run/start_instant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/run/common_start.hpp"

namespace squall::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

const WallTime kNow{seconds(1'700'000'000)};  // 2023-11-14T22:13:20Z

TEST(StartInstant, IsADateOrSecondsAfter1970) {
  EXPECT_EQ(*run::parse_start("2023-11-14T22:14:00Z", kNow), kNow + seconds(40));
  EXPECT_EQ(*run::parse_start("2023-11-14T23:14:00+01:00", kNow), kNow + seconds(40));
  EXPECT_EQ(*run::parse_start("1700000040", kNow), kNow + seconds(40));
  EXPECT_EQ(*run::parse_start("1700000040.25", kNow), kNow + milliseconds(40'250));
  EXPECT_EQ(run::start_text(kNow + seconds(40)), "2023-11-14T22:14:00.000Z");
}

TEST(StartInstant, LiesAheadAndNotTooFar) {
  for (const char* past : {"2023-11-14T22:13:20Z", "2023-11-14T22:13:00Z", "0", "1699999999.9"}) {
    const auto start = run::parse_start(past, kNow);
    ASSERT_FALSE(start.has_value()) << past;
    EXPECT_THAT(start.error().message, HasSubstr("ago by this host's clock")) << past;
  }
  EXPECT_TRUE(run::parse_start("2023-11-15T22:13:20Z", kNow).has_value());
  EXPECT_THAT(run::parse_start("2023-11-15T22:13:21Z", kNow).error().message,
              HasSubstr("at most 24h"));
}

TEST(StartInstant, RefusesEverythingElse) {
  for (const char* text : {"", "+10s", "10s", "soon", "22:14", "2023-11-14", "-1700000040",
                           "1700000040.", "17000000401234567890", "7258118400", "1e9"}) {
    const auto start = run::parse_start(text, kNow);
    ASSERT_FALSE(start.has_value()) << text;
    EXPECT_THAT(start.error().message, HasSubstr("is no instant")) << text;
  }
}

model::Load starting_at(WallTime start) {
  model::Load load;
  load.warmup = seconds(2);
  load.start_at = start;
  return load;
}

TEST(CommonStart, IsTheSameInstantForAllShardsWhateverTheirMonotonicClocks) {
  const model::Load load = starting_at(kNow + seconds(10));
  const TimePoint here{seconds(5)};
  const TimePoint there{seconds(900)};  // asks a second later
  EXPECT_EQ(run::zero_of(load, here, kNow), here + seconds(12));
  EXPECT_EQ(run::zero_of(load, there, kNow + seconds(1)), there + seconds(11));
  EXPECT_EQ(run::time_to_start(load, here + seconds(12), here), seconds(10) - run::kLeadTime);
  EXPECT_FALSE(run::time_to_start(load, here + seconds(12), here + seconds(10)).has_value());
  EXPECT_FALSE(run::late_start(load, here + seconds(12), here + seconds(10)).has_value());
}

TEST(CommonStart, WithoutOneALoadBeginsAsSoonAsItIsReady) {
  model::Load load = starting_at(kNow);
  load.start_at.reset();
  const TimePoint now{seconds(5)};
  const TimePoint zero = run::zero_of(load, now, kNow);
  EXPECT_EQ(zero, now + run::kLeadTime + load.warmup);
  EXPECT_FALSE(run::time_to_start(load, zero, now).has_value());
  EXPECT_FALSE(run::late_start(load, zero, now + seconds(1)).has_value());
}

TEST(CommonStart, WhoIsLateIsNotShifted) {
  const model::Load load = starting_at(kNow);
  const TimePoint now{seconds(5)};
  const TimePoint zero = run::zero_of(load, now, kNow + milliseconds(1500));
  EXPECT_EQ(zero, now + milliseconds(500));  // t = 0 stays where it was
  const auto late = run::late_start(load, zero, now);
  ASSERT_TRUE(late.has_value());
  EXPECT_THAT(late->text, HasSubstr("ready 1.50s after the common start"));
  EXPECT_FALSE(late->reaches_measured);
  EXPECT_TRUE(run::late_start(load, zero, now + seconds(1))->reaches_measured);
}

}  // namespace
}  // namespace squall::test
