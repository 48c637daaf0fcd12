// What a clock with a setting shows, and how settings follow from each other.
#include "faults/process/clock_block.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "faults/process/service_clock.hpp"

namespace squall::faults {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kNow(seconds(1'700'000'000));

TEST(ClockSetting, ThePlainOneShowsTheTruth) {
  EXPECT_EQ(shown_time({}, kNow), kNow);
}

TEST(ClockSetting, AStepMovesTheShownTime) {
  const ClockSetting ahead = stepped({}, kNow, hours(1));
  EXPECT_EQ(shown_time(ahead, kNow), kNow + hours(1));
  EXPECT_EQ(shown_time(ahead, kNow + minutes(5)), kNow + minutes(65));
  EXPECT_EQ(shown_time(stepped(ahead, kNow + minutes(5), -hours(2)), kNow + minutes(6)),
            kNow + minutes(6) - hours(1));
}

TEST(ClockSetting, AStepToAnInstantShowsIt) {
  const WallTime boundary(seconds(2'147'483'647));
  const ClockSetting setting = stepped_to(stepped({}, kNow, hours(1)), kNow, boundary);
  EXPECT_EQ(shown_time(setting, kNow + seconds(2)), boundary + seconds(2));
}

TEST(ClockSetting, DriftStartsWithoutAJumpAndGains) {
  const ClockSetting setting = drifting(stepped({}, kNow, hours(1)), kNow, 500e-6);
  EXPECT_EQ(shown_time(setting, kNow), kNow + hours(1));
  EXPECT_EQ(shown_time(setting, kNow + seconds(1000)),
            kNow + hours(1) + seconds(1000) + milliseconds(500));
  // And a slower pace goes on from what was gained.
  const ClockSetting slower = drifting(setting, kNow + seconds(1000), -0.5);
  EXPECT_EQ(shown_time(slower, kNow + seconds(1010)),
            kNow + hours(1) + seconds(1005) + milliseconds(500));
}

TEST(ClockSetting, AFrozenClockStandsAndCanBeSteppedAndLetGo) {
  const ClockSetting stands = frozen({}, kNow);
  EXPECT_EQ(shown_time(stands, kNow + hours(3)), kNow);
  const ClockSetting moved = stepped(stands, kNow + hours(3), -minutes(1));
  EXPECT_EQ(shown_time(moved, kNow + hours(4)), kNow - minutes(1));
  const ClockSetting runs = drifting(moved, kNow + hours(4), 0);
  EXPECT_EQ(shown_time(runs, kNow + hours(5)), kNow + minutes(59));
}

TEST(ClockSetting, AStrobeJumpsThereAndBack) {
  const ClockSetting setting = strobing({}, kNow, minutes(5), milliseconds(200));
  EXPECT_EQ(shown_time(setting, kNow), kNow + minutes(5));
  EXPECT_EQ(shown_time(setting, kNow + milliseconds(199)), kNow + milliseconds(199) + minutes(5));
  EXPECT_EQ(shown_time(setting, kNow + milliseconds(200)), kNow + milliseconds(200));
  EXPECT_EQ(shown_time(setting, kNow + milliseconds(400)), kNow + milliseconds(400) + minutes(5));
}

TEST(ClockSetting, AStrobeGoesOnThroughStepsAndDrift) {
  const ClockSetting strobe = strobing({}, kNow, minutes(5), milliseconds(200));
  const WallTime later = kNow + milliseconds(250);
  const ClockSetting both = drifting(stepped(strobe, later, hours(1)), later, 1);
  EXPECT_EQ(shown_time(both, later), later + hours(1));
  EXPECT_EQ(shown_time(both, kNow + milliseconds(400)),
            kNow + milliseconds(550) + hours(1) + minutes(5));
}

TEST(ClockSetting, NothingIsShownBefore1970OrBeyondItsNanoseconds) {
  EXPECT_EQ(shown_time(stepped({}, kNow, -hours(24 * 365 * 100)), kNow), WallTime());
  EXPECT_EQ(shown_at({.offset_ns = INT64_MAX}, 1), INT64_MAX);
}

TEST(TrueWait, IsWhatTheClockNeeds) {
  const std::int64_t now = kNow.time_since_epoch().count();
  EXPECT_EQ(true_wait_until({}, now, now + 5), 5);
  EXPECT_EQ(true_wait_until({}, now, now - 5), 0);
  const ClockSetting ahead = stepped({}, kNow, seconds(10));
  EXPECT_EQ(true_wait_until(ahead, now, now + 4 * kNanosecondsPerSecond), 0);
  EXPECT_EQ(true_wait_until(ahead, now, now + 14 * kNanosecondsPerSecond),
            4 * kNanosecondsPerSecond);
  EXPECT_EQ(true_wait_until(drifting({}, kNow, 3), now, now + 4 * kNanosecondsPerSecond),
            kNanosecondsPerSecond);
  EXPECT_EQ(true_wait_until(frozen({}, kNow), now, now + 1), INT64_MAX);
  EXPECT_EQ(true_wait_until(drifting({}, kNow, -2), now, now + 1), INT64_MAX);
}

TEST(TrueWait, ReachesTheInstantAndNotLate) {
  const std::int64_t now = kNow.time_since_epoch().count();
  for (const double rate : {-0.999999, -0.3, 1e-6, 0.7, 86399.0}) {
    const ClockSetting setting = drifting({}, kNow, rate);
    for (const std::int64_t ahead : {1L, 7L, 1'000'003L, 3'600'000'000'001L}) {
      const std::int64_t wait = true_wait_until(setting, now, now + ahead);
      EXPECT_GE(shown_at(setting, now + wait), now + ahead) << rate << ' ' << ahead;
      // Within a nanosecond of the shown clock and one of the true one.
      EXPECT_LE(shown_at(setting, now + wait), now + ahead + 2 + std::llround(rate))
          << rate << ' ' << ahead;
    }
  }
}

TEST(TrueWait, AStrobesEdgeEndsIt) {
  const std::int64_t now = kNow.time_since_epoch().count();
  const ClockSetting setting = strobing({}, kNow, -minutes(5), milliseconds(200));
  EXPECT_EQ(true_wait_until(setting, now, now + kNanosecondsPerSecond), 200'000'000);
}

}  // namespace
}  // namespace squall::faults
