// The figures that ci/bench states of 200 comparisons, on fewer: the seeds are fixed, so the counts
// are, too, and the bounds are those that chance alone keeps.
#include "tests/reports/compare/power.hpp"

#include <gtest/gtest.h>

namespace squall::test {
namespace {

TEST(Power, RoundsOfTheSameThingSeldomRaiseAnAlarm) {
  SyntheticRuns runs(11);
  const Tally tally = tally_rounds(runs, {}, {}, 40);
  EXPECT_LE(tally.alarms, 5) << "P(more than 5 of 40 at 5%) is 1%";
}

TEST(Power, RoundsFindATenthMore) {
  SyntheticRuns runs(12);
  SyntheticRun slower;
  slower.scale = 1.1;
  const Tally tally = tally_rounds(runs, {}, slower, 20);
  EXPECT_GE(tally.p99_worse, 18);
  EXPECT_GE(tally.worse, 19);
}

TEST(Power, RoundsShowThatNothingChangedWhenThereIsEnoughOfThem) {
  SyntheticRuns runs(13);
  SyntheticRun quiet;
  quiet.run_deviation = 0.005;
  quiet.second_deviation = 0.02;
  quiet.per_second = 1000;
  const Tally tally = tally_rounds(runs, quiet, quiet, 5, {.rounds = 20, .noise_rounds = 3});
  EXPECT_GE(tally.same, 3);
}

TEST(Power, SingleRunsThatAreAlikeSeldomRaiseAnAlarm) {
  SyntheticRuns runs(14);
  SyntheticRun run;
  run.seconds = 60;
  run.run_deviation = 0;
  EXPECT_LE(tally_runs(runs, run, run, 20).alarms, 3) << "P(more than 3 of 20 at 5%) is 2%";
  SyntheticRun slower = run;
  slower.scale = 1.2;
  EXPECT_GE(tally_runs(runs, run, slower, 10).worse, 9);
}

TEST(Power, FewRoundsDecideNothing) {
  SyntheticRuns runs(15);
  SyntheticRun slower;
  slower.scale = 1.1;
  const Tally tally = tally_rounds(runs, {}, slower, 5, {.rounds = 1, .noise_rounds = 1});
  EXPECT_EQ(tally.alarms, 0);
  EXPECT_EQ(tally.same, 0);
}

}  // namespace
}  // namespace squall::test
