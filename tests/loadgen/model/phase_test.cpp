// Where the measured phase is split.
#include "loadgen/model/phase.hpp"

#include <gtest/gtest.h>

namespace squall::model {
namespace {

using namespace std::chrono_literals;

TEST(PhaseBounds, WithoutFaultsTheMeasuredPhaseIsWhole) {
  const PhaseBounds bounds;
  EXPECT_EQ(bounds.phase_at(-1ns), Phase::kWarmup);
  EXPECT_EQ(bounds.phase_at(0ns), Phase::kMeasured);
  EXPECT_EQ(bounds.phase_at(1h), Phase::kMeasured);
  EXPECT_EQ(bounds.length_of(Phase::kMeasured, 10s), 10s);
  EXPECT_EQ(bounds.length_of(Phase::kBaseline, 10s), 0s);
}

TEST(PhaseBounds, TheFaultPhaseGoesFromTheFirstToTheLast) {
  PhaseBounds bounds;
  bounds.cover(5s, 6s);
  bounds.cover(8s, 9s);
  bounds.cover(3s, 3s);
  EXPECT_EQ(bounds.phase_at(-1ms), Phase::kWarmup);
  EXPECT_EQ(bounds.phase_at(0s), Phase::kBaseline);
  EXPECT_EQ(bounds.phase_at(3s - 1ns), Phase::kBaseline);
  EXPECT_EQ(bounds.phase_at(3s), Phase::kFault);
  EXPECT_EQ(bounds.phase_at(7s), Phase::kFault) << "between two faults, too";
  EXPECT_EQ(bounds.phase_at(9s - 1ns), Phase::kFault);
  EXPECT_EQ(bounds.phase_at(9s), Phase::kRecovery);
}

TEST(PhaseBounds, LengthsAddUpToWhatWasMeasured) {
  PhaseBounds bounds;
  bounds.cover(5s, 12s);
  for (const Duration measured : {Duration(3s), Duration(8s), Duration(20s)}) {
    EXPECT_EQ(bounds.length_of(Phase::kBaseline, measured) +
                  bounds.length_of(Phase::kFault, measured) +
                  bounds.length_of(Phase::kRecovery, measured),
              measured);
  }
  EXPECT_EQ(bounds.length_of(Phase::kFault, 8s), 3s);
  EXPECT_EQ(bounds.length_of(Phase::kRecovery, 8s), 0s);
}

TEST(PhaseBounds, AFaultAllAlongLeavesNeitherBaselineNorRecovery) {
  PhaseBounds bounds;
  bounds.cover(0s, 10s);
  EXPECT_EQ(bounds.length_of(Phase::kBaseline, 10s), 0s);
  EXPECT_EQ(bounds.length_of(Phase::kFault, 10s), 10s);
  EXPECT_EQ(bounds.length_of(Phase::kRecovery, 10s), 0s);
  EXPECT_EQ(bounds.phase_at(0s), Phase::kFault);
}

TEST(PhaseBounds, AnInstantHasNoFaultPhaseOfItsOwn) {
  PhaseBounds bounds;
  bounds.cover(4s, 4s);
  EXPECT_EQ(bounds.phase_at(4s - 1ns), Phase::kBaseline);
  EXPECT_EQ(bounds.phase_at(4s), Phase::kRecovery);
}

}  // namespace
}  // namespace squall::model
