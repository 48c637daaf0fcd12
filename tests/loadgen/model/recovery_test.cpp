// How long a target took to be as it was before.
#include "loadgen/model/recovery.hpp"

#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"

namespace squall::model {
namespace {

using namespace std::chrono_literals;

// Seconds of a run with a fault from 5s to 10s, 20s in all: 100 operations a second at 10 ms, none
// of which fails.
RunRecord quiet_run() {
  RunRecord record;
  record.steps = {{"buy.charge", "POST /payments", "shop", true},
                  {"look.page", "GET /", "shop", false}};
  record.phase_bounds.cover(5s, 10s);
  record.measured_duration = 20s;
  for (std::int64_t second = 0; second < 20; ++second) {
    SecondSummary summary;
    summary.second = second;
    summary.steps.push_back(
        {0, record.phase_bounds.phase_at(std::chrono::seconds(second)), 100, 0, 5000, 10000});
    record.seconds.push_back(std::move(summary));
  }
  return record;
}

StepSecond& at(RunRecord& record, std::size_t second) {
  return record.seconds[second].steps[0];
}

TEST(Recovery, IsAtOnceWhenNothingIsWorse) {
  const Recovery recovery = recovery_of(quiet_run());
  EXPECT_EQ(recovery.state, RecoveryState::kRecovered);
  EXPECT_EQ(recovery.time, 0s);
  EXPECT_EQ(recovery.baseline_seconds, 5U);
  EXPECT_EQ(recovery.recovery_seconds, 10U);
  EXPECT_EQ(recovery.held_up_by, "");
}

TEST(Recovery, EndsWithTheLastBadSecond) {
  RunRecord record = quiet_run();
  at(record, 10).not_acked = 50;
  at(record, 12).not_acked = 2;
  const Recovery recovery = recovery_of(record);
  EXPECT_EQ(recovery.state, RecoveryState::kRecovered);
  EXPECT_EQ(recovery.time, 3s);
  EXPECT_EQ(recovery.held_up_by, "error_rate");
}

TEST(Recovery, LooksAtLatencyAndRateToo) {
  RunRecord slow = quiet_run();
  at(slow, 14).response_p99_us = 200000;
  EXPECT_EQ(recovery_of(slow).time, 5s);
  EXPECT_EQ(recovery_of(slow).held_up_by, "response p99");
  RunRecord few = quiet_run();
  at(few, 11).acked = 40;
  EXPECT_EQ(recovery_of(few).time, 2s);
  EXPECT_EQ(recovery_of(few).held_up_by, "rate");
  slow.recovery.response_p99 = false;
  EXPECT_EQ(recovery_of(slow).time, 0s);
}

TEST(Recovery, WhatWasAskedForWhileTheFaultLastedDoesNotCount) {
  RunRecord record = quiet_run();
  record.seconds[11].steps.push_back({0, Phase::kFault, 0, 300, 2000000, 2000000});
  EXPECT_EQ(recovery_of(record).time, 0s);
}

TEST(Recovery, OfAStepIsThatOfTheStep) {
  RunRecord record = quiet_run();
  for (SecondSummary& second : record.seconds) {
    StepSecond other = second.steps[0];
    other.step = 1;
    other.not_acked = second.second == 13 ? 30 : 0;
    second.steps.push_back(other);
  }
  EXPECT_EQ(recovery_of(record, "buy").time, 0s);
  EXPECT_EQ(recovery_of(record, "look.page").time, 4s);
  EXPECT_EQ(recovery_of(record).time, 4s);
}

TEST(Recovery, NeverWhenTheLastSecondIsBad) {
  RunRecord record = quiet_run();
  at(record, 19).not_acked = 60;
  EXPECT_EQ(recovery_of(record).state, RecoveryState::kNever);
  RunRecord silent = quiet_run();
  silent.seconds.resize(15);  // nothing ended any more
  EXPECT_EQ(recovery_of(silent).state, RecoveryState::kNever);
}

TEST(Recovery, NeedsABaseline) {
  RunRecord record = quiet_run();
  record.phase_bounds = {};
  EXPECT_EQ(recovery_of(record).state, RecoveryState::kNoFault);
  record.phase_bounds.cover(1500ms, 10s);
  EXPECT_EQ(recovery_of(record).state, RecoveryState::kNotEnoughBaseline);
  RunRecord hole = quiet_run();
  at(hole, 3).acked = 0;
  EXPECT_EQ(recovery_of(hole).state, RecoveryState::kNotEnoughBaseline);
  RunRecord whole = quiet_run();
  whole.phase_bounds.cover(10s, 20s);
  EXPECT_EQ(recovery_of(whole).state, RecoveryState::kNotMeasured);
}

TEST(Recovery, BeginsWithTheFirstWholeSecond) {
  RunRecord record = quiet_run();
  record.phase_bounds.cover(9s, 10500ms);
  const Recovery recovery = recovery_of(record);
  EXPECT_EQ(recovery.state, RecoveryState::kRecovered);
  EXPECT_EQ(recovery.time, 500ms);
}

// A service that needs 1.5s to be ready again was not slow to recover meanwhile.
TEST(Recovery, CountsFromWhenAnActionWasReallyOver) {
  RunRecord record = quiet_run();
  at(record, 10).acked = 0;
  at(record, 10).not_acked = 100;
  at(record, 11) = at(record, 10);
  EXPECT_EQ(recovery_of(record).time, 2s);
  record.timeline.push_back({.name = "restart",
                             .kind = "action",
                             .description = "x",
                             .planned_at = 8s,
                             .planned_until = 10s,
                             .started = true,
                             .undone = true,
                             .at = 11500ms,
                             .until = 11500ms});
  EXPECT_EQ(recovery_of(record).time, 500ms);
  record.timeline[0].until = 10050ms;
  EXPECT_EQ(recovery_of(record).time, 2s) << "on time costs no whole second";
}

TEST(Recovery, WhatLastsToTheEndOfTheLoadEndsWhereThePlanSays) {
  RunRecord record = quiet_run();
  record.timeline.push_back({.name = "kill",
                             .kind = "action",
                             .description = "x",
                             .planned_at = 5s,
                             .planned_until = 25s,
                             .started = true,
                             .undone = true,
                             .at = 5s,
                             .until = 21s});
  EXPECT_EQ(recovery_of(record).state, RecoveryState::kRecovered);
}

// Poisson arrivals and a spread of latencies are no reason to call a target broken.
TEST(Recovery, ChanceIsNoRelapse) {
  int relapses = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RunRecord record = quiet_run();
    Rng rng(StreamId(seed, "recovery", "noise"));
    for (SecondSummary& second : record.seconds) {
      const double noise = 50 + 7 * rng.next_normal();
      second.steps[0].acked = static_cast<std::uint64_t>(noise < 1 ? 1 : noise);
      second.steps[0].response_p99_us += static_cast<std::int64_t>(4000 * rng.next_exponential());
    }
    relapses +=
        recovery_of(record).state == RecoveryState::kRecovered && recovery_of(record).time == 0s
            ? 0
            : 1;
  }
  EXPECT_LE(relapses, 10);
}

}  // namespace
}  // namespace squall::model
