#include "loadgen/model/fault_selection.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace squall::model {
namespace {

using std::chrono::seconds;

FaultSelection selection() {
  FaultSelection result;
  result.stream = StreamId(7, "", "fault:test");
  result.steps = {2, 5};
  result.step_salts = {hash_bytes("buy.charge"), hash_bytes("buy.refund")};
  return result;
}

std::uint64_t count_chosen(const FaultSelection& chosen_by, std::uint16_t step,
                           std::uint64_t arrivals, std::uint32_t attempt = 0) {
  std::uint64_t count = 0;
  for (std::uint64_t arrival = 0; arrival < arrivals; ++arrival) {
    count += chosen_by.chooses(step, seconds(1), arrival, attempt) ? 1U : 0U;
  }
  return count;
}

TEST(FaultSelection, TouchesItsStepsOnly) {
  const FaultSelection all = selection();
  EXPECT_TRUE(all.chooses(2, {}, 0, 0));
  EXPECT_TRUE(all.chooses(5, {}, 0, 0));
  EXPECT_FALSE(all.chooses(3, {}, 0, 0));
}

TEST(FaultSelection, SparesRetriesUnlessToldOtherwise) {
  FaultSelection all = selection();
  EXPECT_FALSE(all.chooses(2, {}, 0, 1));
  all.attempts = AttemptScope::kAll;
  EXPECT_TRUE(all.chooses(2, {}, 0, 1));
}

TEST(FaultSelection, WindowIsHalfOpenAndWithoutOneTheWarmupCounts) {
  FaultSelection windowed = selection();
  EXPECT_TRUE(windowed.chooses(2, -seconds(1), 0, 0));
  windowed.window = expr::Window{seconds(5), seconds(25)};
  EXPECT_FALSE(windowed.chooses(2, -seconds(1), 0, 0));
  EXPECT_FALSE(windowed.chooses(2, seconds(5) - Duration(1), 0, 0));
  EXPECT_TRUE(windowed.chooses(2, seconds(5), 0, 0));
  EXPECT_FALSE(windowed.chooses(2, seconds(25), 0, 0));
}

TEST(FaultSelection, EveryNthAndFirstN) {
  FaultSelection limited = selection();
  limited.every_nth = 3;
  EXPECT_FALSE(limited.chooses(2, {}, 0, 0));
  EXPECT_FALSE(limited.chooses(2, {}, 1, 0));
  EXPECT_TRUE(limited.chooses(2, {}, 2, 0));
  EXPECT_TRUE(limited.chooses(2, {}, 5, 0));
  EXPECT_TRUE(limited.chooses(2, {}, {5, 3}, 0)) << "every visit of the arrival";
  EXPECT_FALSE(limited.chooses(2, {}, {6, 3}, 0));
  EXPECT_EQ(count_chosen(limited, 2, 300), 100u);
  limited.first_n = 6;
  EXPECT_EQ(count_chosen(limited, 2, 300), 2u);
}

TEST(FaultSelection, ShareIsMetWithinFourSigma) {
  FaultSelection some = selection();
  some.share = Share{0.05};
  constexpr std::uint64_t kArrivals = 100'000;
  const auto chosen = static_cast<double>(count_chosen(some, 2, kArrivals));
  const double sigma = std::sqrt(kArrivals * 0.05 * 0.95);
  EXPECT_NEAR(chosen, kArrivals * 0.05, 4 * sigma);
}

TEST(FaultSelection, DecidesTheSameEachTime) {
  FaultSelection some = selection();
  some.share = Share{0.5};
  for (std::uint64_t arrival = 0; arrival < 100; ++arrival) {
    EXPECT_EQ(some.chooses(2, {}, arrival, 0), some.chooses(2, seconds(9), arrival, 0));
  }
}

TEST(FaultSelection, StepsAndAttemptsDrawOnTheirOwn) {
  FaultSelection some = selection();
  some.share = Share{0.5};
  some.attempts = AttemptScope::kAll;
  int differ_by_step = 0;
  int differ_by_attempt = 0;
  for (std::uint64_t arrival = 0; arrival < 1000; ++arrival) {
    differ_by_step += some.chooses(2, {}, arrival, 0) != some.chooses(5, {}, arrival, 0) ? 1 : 0;
    differ_by_attempt += some.chooses(2, {}, arrival, 0) != some.chooses(2, {}, arrival, 1) ? 1 : 0;
  }
  EXPECT_NEAR(differ_by_step, 500, 80);
  EXPECT_NEAR(differ_by_attempt, 500, 80);
}

// A scenario put in front moves the indices of all steps behind it, not their faults.
TEST(FaultSelection, IndexOfTheStepDoesNotMatter) {
  FaultSelection before = selection();
  before.share = Share{0.5};
  FaultSelection after = before;
  after.steps = {12, 15};
  for (std::uint64_t arrival = 0; arrival < 200; ++arrival) {
    EXPECT_EQ(before.chooses(2, {}, arrival, 0), after.chooses(12, {}, arrival, 0));
  }
}

}  // namespace
}  // namespace squall::model
