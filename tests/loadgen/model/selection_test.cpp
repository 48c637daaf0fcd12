#include "loadgen/model/selection.hpp"

#include <gtest/gtest.h>

namespace squall::model {
namespace {

RunRecord two_steps() {
  RunRecord record;
  record.steps = {{"buy.browse", "", "", false}, {"buy.charge", "", "", true}};
  return record;
}

void add_operations(RunRecord& record, OperationKey key, std::uint64_t count, std::int64_t value) {
  record.operations.try_emplace(key, stats::Histogram(stats::kSpanLayout))
      .first->second.record_n(value, count);
}

void add_dropped(RunRecord& record, std::uint16_t step, std::uint64_t count, std::int64_t waited) {
  record.attempts[{step, Phase::kMeasured, Exposure::kClean, AttemptClass::kDropped}]
      .response.record_n(waited, count);
}

TEST(SelectionTest, SelectorsMeanAStepAScenarioOrAll) {
  EXPECT_TRUE(selects_step("", "buy.charge"));
  EXPECT_TRUE(selects_step("buy", "buy.charge"));
  EXPECT_TRUE(selects_step("buy.charge", "buy.charge"));
  EXPECT_FALSE(selects_step("bu", "buy.charge"));
  EXPECT_FALSE(selects_step("buy.charge", "buy.charges"));
  EXPECT_FALSE(selects_step("buy.charge.x", "buy.charge"));
}

TEST(SelectionTest, OverflowCellsBelongToNoStepByName) {
  RunRecord record = two_steps();
  add_operations(
      record, {kOverflowStep, Phase::kMeasured, Exposure::kClean, OperationOutcome::kAcked}, 5, 1);
  EXPECT_EQ(count_operations(record, {}).total(), 5U);
  EXPECT_EQ(count_operations(record, {.step = "buy", .exposure = {}}).total(), 0U);
}

TEST(SelectionTest, WarmUpCountsOnlyWhenAskedFor) {
  RunRecord record = two_steps();
  add_operations(record, {0, Phase::kWarmup, Exposure::kClean, OperationOutcome::kAcked}, 5, 1);
  EXPECT_EQ(count_operations(record, {}).total(), 0U);
  EXPECT_EQ(count_operations(record, {.step = {}, .exposure = {}, .phase = {}}).total(), 5U);
}

TEST(SelectionTest, DroppedArrivalsBecomeLargerThanAnyValue) {
  RunRecord record = two_steps();
  add_operations(record, {0, Phase::kMeasured, Exposure::kClean, OperationOutcome::kAcked}, 10,
                 500);
  // Three refused at once and two dropped after the same time: only as many as were dropped move.
  add_operations(record, {0, Phase::kMeasured, Exposure::kClean, OperationOutcome::kNotSent}, 5, 7);
  add_dropped(record, 0, 2, 7);
  const stats::Histogram response = response_of_operations(record, {});
  EXPECT_EQ(response.overflow(), 2U);
  EXPECT_EQ(response.count(), 13U);
  EXPECT_EQ(response.count_at_or_below(7), 3U);
  EXPECT_EQ(count_operations(record, {}).dropped, 2U);
}

TEST(SelectionTest, WhatWasGivenUpIsLargerThanAnyValueButRealTimeoutsAreNot) {
  RunRecord record = two_steps();
  const OperationKey unknown{0, Phase::kMeasured, Exposure::kClean, OperationOutcome::kUnknown};
  OperationKey unanswered = unknown;
  unanswered.censored = true;
  OperationKey never_started{0, Phase::kMeasured, Exposure::kClean, OperationOutcome::kNotSent};
  never_started.censored = true;
  add_operations(record, unknown, 10, 2'000'000);
  add_operations(record, unanswered, 3, 500);
  add_operations(record, never_started, 2, 500);
  AttemptKey abandoned{0, Phase::kMeasured, Exposure::kClean, AttemptClass::kTimeout};
  abandoned.censored = true;
  record.attempts[abandoned].response.record_n(500, 3);
  record.attempts[abandoned].service.record_n(400, 3);
  record.attempts[abandoned].lag.record_n(7, 3);
  AttemptKey dropped{0, Phase::kMeasured, Exposure::kClean, AttemptClass::kDropped};
  dropped.censored = true;
  record.attempts[dropped].response.record_n(500, 2);

  const stats::Histogram response = response_of_operations(record, {});
  EXPECT_EQ(response.overflow(), 5U);
  EXPECT_EQ(response.count(), 10U);
  EXPECT_EQ(count_operations(record, {}).dropped, 2U);
  EXPECT_EQ(count_operations(record, {}).unanswered, 3U);
  EXPECT_EQ(count_operations(record, {}).total(), 15U);
  EXPECT_EQ(span_of_attempts(record, {}, AttemptSpan::kResponse).overflow(), 5U);
  EXPECT_EQ(span_of_attempts(record, {}, AttemptSpan::kService).overflow(), 3U);
  EXPECT_EQ(span_of_attempts(record, {}, AttemptSpan::kLag).overflow(), 0U);
}

TEST(SelectionTest, ADroppedRetryOfAnAckedOperationIsNoDroppedArrival) {
  RunRecord record = two_steps();
  add_operations(record, {0, Phase::kMeasured, Exposure::kClean, OperationOutcome::kAcked}, 10,
                 500);
  add_dropped(record, 0, 2, 500);
  EXPECT_EQ(count_operations(record, {}).dropped, 0U);
  EXPECT_EQ(response_of_operations(record, {}).overflow(), 0U);
}

}  // namespace
}  // namespace squall::model
