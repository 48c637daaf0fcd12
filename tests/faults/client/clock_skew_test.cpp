#include <gtest/gtest.h>

#include "loadgen/model/wire_composition.hpp"
#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

using namespace std::chrono_literals;

Duration offset(const Compiled& fault, Duration in_window) {
  EXPECT_EQ(fault.problems, "");
  return fault.script(0, in_window).wall_offset;
}

TEST(ClockSkewFault, ConstantIsOffByTheSameAllTheTime) {
  const Compiled slow = compile("clock_skew", "offset = '-5m'");
  EXPECT_EQ(offset(slow, 0s), -5min);
  EXPECT_EQ(offset(slow, 30s), -5min);
}

TEST(ClockSkewFault, StepJumpsWhenTheWindowStartsAndAgainEachTime) {
  const Compiled once = compile("clock_skew", "shape = 'step'\noffset = '1h'");
  EXPECT_EQ(offset(once, 0s), 1h);
  EXPECT_EQ(offset(once, 100s), 1h);
  const Compiled stairs = compile("clock_skew", "shape = 'step'\noffset = '-2s'\nevery = '10s'");
  EXPECT_EQ(offset(stairs, 0s), -2s);
  EXPECT_EQ(offset(stairs, 9999ms), -2s);
  EXPECT_EQ(offset(stairs, 10s), -4s);
  EXPECT_EQ(offset(stairs, 35s), -8s);
}

TEST(ClockSkewFault, DriftGainsEvenly) {
  const Compiled ppm = compile("clock_skew", "shape = 'drift'\nrate = '500ppm'");
  EXPECT_EQ(offset(ppm, 10s), 5ms);
  const Compiled slow = compile("clock_skew", "shape = 'drift'\nrate = '-200ppm'");
  EXPECT_EQ(offset(slow, 10s), -2ms);
  const Compiled fast = compile("clock_skew", "shape = 'drift'\nrate = '2s/m'");
  EXPECT_EQ(offset(fast, 30s), 1s);
  const Compiled per = compile("clock_skew", "shape = 'drift'\nrate = '-1ms/10s'");
  EXPECT_EQ(offset(per, 100s), -10ms);
}

TEST(ClockSkewFault, ADriftThatHasNotBegunStillShowsInTheScript) {
  const Compiled drift = compile("clock_skew", "shape = 'drift'\nrate = '500ppm'");
  EXPECT_NE(offset(drift, 0s), Duration::zero());
  EXPECT_LT(offset(drift, 0s), 1us);
}

TEST(ClockSkewFault, FreezeStandsStillAtTheWindowsStart) {
  const Compiled frozen = compile("clock_skew", "shape = 'freeze'");
  constexpr Duration kWindowStart = 5s;
  for (const Duration in_window : {Duration(0s), Duration(3s), Duration(20s)}) {
    model::WireScript script;
    ASSERT_TRUE(frozen.apply(script, 0, in_window, kWindowStart));
    EXPECT_TRUE(script.wall_frozen);
    EXPECT_EQ(script.wall_offset, kWindowStart);
  }
  EXPECT_FALSE(compile("clock_skew", "offset = '1s'").script().wall_frozen);
}

TEST(ClockSkewFault, SweepGoesFromOneSideToTheOther) {
  const Compiled sweep = compile("clock_skew", "shape = 'sweep'\noffset = '6m'\nevery = '12s'");
  EXPECT_EQ(offset(sweep, 0s), -6min);
  EXPECT_EQ(offset(sweep, 3s), -3min);
  EXPECT_EQ(offset(sweep, 9s), 3min);
  EXPECT_EQ(offset(sweep, 12s), -6min);
}

TEST(ClockSkewFault, StaysInsideWhatAWallClockCanHold) {
  const Compiled far = compile("clock_skew", "shape = 'step'\noffset = '876000h'\nevery = '1ms'");
  EXPECT_EQ(offset(far, 1000h), model::kLargestWallOffset);
  model::WireScript script = far.script(0, 1000h);
  ASSERT_TRUE(far.apply(script, 0, 1000h));
  EXPECT_EQ(script.wall_offset, model::kLargestWallOffset);
}

TEST(ClockSkewFault, EachShapeHasItsOwnKeys) {
  const char* wrong[] = {
      "shape = 'constant'",
      "shape = 'constant'\noffset = '1s'\nrate = '5ppm'",
      "shape = 'constant'\noffset = '1s'\nevery = '5s'",
      "shape = 'constant'\noffset = '0s'",
      "shape = 'constant'\noffset = 'soon'",
      "shape = 'step'",
      "shape = 'drift'",
      "shape = 'drift'\nrate = 'fast'",
      "shape = 'drift'\nrate = '1.2.3ppm'",
      "shape = 'drift'\nrate = 'ppm'",
      "shape = 'drift'\nrate = '0ppm'",
      "shape = 'drift'\nrate = '5s/0s'",
      "shape = 'drift'\nrate = '5ppm'\noffset = '1s'",
      "shape = 'freeze'\noffset = '1s'",
      "shape = 'sweep'\noffset = '1s'",
      "shape = 'sweep'\noffset = '1s'\nevery = '0s'",
      "shape = 'wobble'",
  };
  for (const char* keys : wrong) {
    EXPECT_NE(compile("clock_skew", keys).problems, "") << keys;
  }
}

}  // namespace
}  // namespace squall::faults
