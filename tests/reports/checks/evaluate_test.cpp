#include "reports/checks/evaluate.hpp"

#include <gmock/gmock.h>

#include "loadgen/model/second_value.hpp"
#include "tests/reports/checks/record_builder.hpp"

namespace squall::reports {
namespace {

using model::AttemptClass;
using model::CheckResult;
using model::Exposure;
using model::OperationOutcome;
using model::Phase;
using model::Verdict;

CheckResult check(std::string_view text, const RecordBuilder& builder) {
  return evaluate(condition(text), builder.record);
}

TEST(EvaluateTest, ComparesPercentilesOfManySamplesAsMeasured) {
  RecordBuilder builder;
  builder.acked(1, 980, 10'000).acked(1, 20, 90'000);
  EXPECT_EQ(check("buy.charge response p90 < 11ms", builder).verdict, Verdict::kPass);
  const CheckResult slow = check("buy.charge response p99 < 80ms", builder);
  EXPECT_EQ(slow.verdict, Verdict::kFail);
  EXPECT_NEAR(slow.value, 90e6, 90e6 / 1000);
  EXPECT_EQ(slow.samples, 1000U);
  EXPECT_EQ(slow.bound, 80e6);
  EXPECT_EQ(slow.source, "buy.charge response p99 < 80ms");
}

TEST(EvaluateTest, MergesCellsInsteadOfAveragingThem) {
  RecordBuilder builder;
  builder.acked(0, 990, 1'000);
  builder.operations({1, Phase::kMeasured, Exposure::kFaulted, OperationOutcome::kUnknown}, 1010,
                     100'000);
  EXPECT_NEAR(check("response p50 < 1s", builder).value, 100e6, 1e5)
      << "not the mean of 1ms and 100ms";
  EXPECT_NEAR(check("response p49 < 1s", builder).value, 1e6, 1e3);
}

TEST(EvaluateTest, SelectsByStepScenarioExposureAndPhase) {
  RecordBuilder builder;
  builder.acked(0, 2000, 1'000).acked(1, 2000, 20'000).acked(2, 2000, 300'000);
  builder.operations({1, Phase::kMeasured, Exposure::kFaulted, OperationOutcome::kAcked}, 2000,
                     80'000);
  builder.operations({1, Phase::kWarmup, Exposure::kClean, OperationOutcome::kAcked}, 2000,
                     900'000);
  EXPECT_EQ(check("buy.charge clean response max < 21ms", builder).verdict, Verdict::kPass);
  EXPECT_EQ(check("buy.charge faulted response p50 > 79ms", builder).verdict, Verdict::kPass);
  EXPECT_EQ(check("buy response max < 81ms", builder).verdict, Verdict::kPass)
      << "buyer is another scenario";
  EXPECT_EQ(check("response max < 81ms", builder).verdict, Verdict::kFail);
  EXPECT_EQ(check("buy.charge warmup response max > 899ms", builder).verdict, Verdict::kPass);
}

TEST(EvaluateTest, UnknownStepsAreNeverAPass) {
  EXPECT_EQ(check("sell response p99 < 1s", RecordBuilder().acked(1, 5000, 10)).verdict,
            Verdict::kInconclusive);
}

TEST(EvaluateTest, DroppedArrivalsAreSlowerThanAnything) {
  RecordBuilder builder;
  builder.acked(1, 900, 1'000).dropped(1, 100, 0);
  EXPECT_EQ(check("response p50 < 2ms", builder).verdict, Verdict::kPass);
  const CheckResult tail = check("response p95 < 10s", builder);
  EXPECT_EQ(tail.verdict, Verdict::kFail)
      << "waiting in a full queue for no time at all is not an answer";
  EXPECT_THAT(tail.value_text, ::testing::StartsWith("> "));
  EXPECT_EQ(check("response max < 10s", builder).verdict, Verdict::kFail);
  EXPECT_EQ(check("response mean < 10s", builder).verdict, Verdict::kInconclusive);
}

TEST(EvaluateTest, FewSamplesDecideOnlyWhenTheyAreSure) {
  const auto fast = [](std::uint64_t count) { return RecordBuilder().acked(1, count, 1'000); };
  EXPECT_EQ(check("response p99 < 10ms", fast(50)).verdict, Verdict::kInconclusive);
  EXPECT_EQ(check("response p99 < 10ms", fast(298)).verdict, Verdict::kInconclusive);
  EXPECT_EQ(check("response p99 < 10ms", fast(299)).verdict, Verdict::kPass)
      << "0.99^299 is below 5%";
  EXPECT_EQ(check("response p99 < 10ms", RecordBuilder().acked(1, 20, 50'000)).verdict,
            Verdict::kFail);
  EXPECT_EQ(check("response p99 > 10ms", RecordBuilder().acked(1, 20, 50'000)).verdict,
            Verdict::kPass);
  const CheckResult unsure =
      check("response p99 < 10ms", RecordBuilder().acked(1, 50, 1'000).acked(1, 1, 50'000));
  EXPECT_EQ(unsure.verdict, Verdict::kInconclusive);
  EXPECT_THAT(unsure.note, ::testing::HasSubstr("51 samples"));
}

TEST(EvaluateTest, TenSamplesAboveAPercentileAreEnough) {
  const RecordBuilder enough = RecordBuilder().acked(1, 9'990, 1'000).acked(1, 10, 50'000);
  EXPECT_EQ(check("response p99.9 < 10ms", enough).verdict, Verdict::kPass);
  const RecordBuilder few = RecordBuilder().acked(1, 8'990, 1'000).acked(1, 10, 50'000);
  EXPECT_EQ(check("response p99.9 < 10ms", few).verdict, Verdict::kInconclusive);
}

TEST(EvaluateTest, NoSamplesAreInconclusive) {
  for (const char* text :
       {"response p99 < 1s", "error_rate < 1%", "attempt_error_rate < 1%", "lag max < 1s"}) {
    const CheckResult result = check(text, RecordBuilder());
    EXPECT_EQ(result.verdict, Verdict::kInconclusive) << text;
    EXPECT_EQ(result.samples, 0U) << text;
    EXPECT_EQ(result.value_text, "n/a") << text;
  }
}

TEST(EvaluateTest, ErrorRateCountsOperationsWithDroppedArrivals) {
  RecordBuilder builder;
  builder.acked(1, 90, 10).dropped(1, 4, 10);
  builder.operations({1, Phase::kMeasured, Exposure::kFaulted, OperationOutcome::kUnknown}, 6, 10);
  builder.attempts(1, AttemptClass::kReset, 500, 10);
  const CheckResult result = check("error_rate < 5%", builder);
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_DOUBLE_EQ(result.value, 0.10);
  EXPECT_EQ(result.value_text, "10%");
}

TEST(EvaluateTest, AttemptErrorRateCountsAttemptsWithoutDroppedArrivals) {
  RecordBuilder builder;
  builder.attempts(1, AttemptClass::kSuccess, 95, 10)
      .attempts(1, AttemptClass::kCut, 5, 10)
      .dropped(1, 900, 10);
  EXPECT_DOUBLE_EQ(check("attempt_error_rate < 6%", builder).value, 0.05);
  EXPECT_DOUBLE_EQ(check("attempts == 100", builder).value, 100);
}

TEST(EvaluateTest, SpansOfAttempts) {
  RecordBuilder builder;
  builder.attempts(1, AttemptClass::kSuccess, 2000, 1'000);
  EXPECT_NEAR(check("queue p50 < 1s", builder).value, 100e3, 100);
  EXPECT_NEAR(check("service p50 < 1s", builder).value, 900e3, 900);
  EXPECT_NEAR(check("lag p50 < 1s", builder).value, 1000, 1);
}

TEST(EvaluateTest, CountsAndRate) {
  const RecordBuilder builder = RecordBuilder().acked(1, 100, 10).dropped(1, 7, 10);
  EXPECT_DOUBLE_EQ(check("operations == 100", builder).value, 100);
  EXPECT_DOUBLE_EQ(check("dropped == 7", builder).value, 7);
  EXPECT_EQ(check("dropped == 0", builder).verdict, Verdict::kFail);
  EXPECT_DOUBLE_EQ(check("rate >= 10/s", builder).value, 10);
}

TEST(EvaluateTest, BreachVoidsLatencyAndErrorsButNotEffects) {
  RecordBuilder builder;
  builder.acked(1, 5000, 1'000).effects({5000, 0, 0, 0, 0}).breach(4);
  for (const char* text :
       {"response p99 < 1s", "response p99 < 1us", "error_rate < 1%", "rate > 1/s"}) {
    const CheckResult result = check(text, builder);
    EXPECT_EQ(result.verdict, Verdict::kInvalid) << text;
    EXPECT_THAT(result.note, ::testing::HasSubstr("from 4s on: lag p99 was 14ms"));
  }
  EXPECT_EQ(check("duplicate_effects == 0", builder).verdict, Verdict::kPass);
}

TEST(EvaluateTest, BreachLeavesThePhaseBeforeItAlone) {
  RecordBuilder builder;
  builder.operations({1, Phase::kWarmup, Exposure::kClean, OperationOutcome::kAcked}, 2000, 10)
      .breach(0);
  EXPECT_EQ(check("warmup response p99 < 1s", builder).verdict, Verdict::kPass);
}

TEST(EvaluateTest, SustainedNeedsConsecutiveSeconds) {
  RecordBuilder builder;
  builder.second(-1, 0, 100);
  for (std::int64_t i = 0; i < 10; ++i) {
    builder.second(i, 100, i == 4 ? 100 : 0);
  }
  EXPECT_EQ(check("error_rate < 1% for 5s", builder).verdict, Verdict::kPass) << "5 to 9";
  const CheckResult six = check("error_rate < 1% for 6s", builder);
  EXPECT_EQ(six.verdict, Verdict::kFail);
  EXPECT_EQ(six.value_text, "5s in a row");
  EXPECT_EQ(check("error_rate > 40% for 2s", builder).verdict, Verdict::kFail)
      << "the warm-up does not count";
}

TEST(EvaluateTest, SecondsOfTheDrainDoNotSustainAnything) {
  RecordBuilder builder;
  for (std::int64_t i = 8; i < 14; ++i) {
    builder.second(i, 100, 0);
  }
  EXPECT_EQ(check("error_rate < 1% for 2s", builder).verdict, Verdict::kPass);
  EXPECT_EQ(check("error_rate < 1% for 3s", builder).verdict, Verdict::kFail);
}

TEST(EvaluateTest, BySecondDroppedArrivalsAreNeitherThroughputNorAttempts) {
  RecordBuilder builder;
  builder.second(0, 10, 90);
  model::SecondSummary& second = builder.record.seconds.back();
  second.counters.dropped = 90;
  second.counters.attempts = 100;
  second.attempts_failed = 90;
  second.classes[static_cast<std::size_t>(model::AttemptClass::kDropped)] = 90;
  EXPECT_EQ(check("rate > 50/s for 1s", builder).verdict, Verdict::kFail);
  EXPECT_EQ(check("rate == 10/s for 1s", builder).verdict, Verdict::kPass);
  EXPECT_EQ(check("attempts == 10 for 1s", builder).verdict, Verdict::kPass);
  EXPECT_EQ(check("attempt_error_rate < 1% for 1s", builder).verdict, Verdict::kPass);
}

TEST(EvaluateTest, SecondsWithoutSamplesOrMissingOnesBreakTheRow) {
  const RecordBuilder silent = RecordBuilder().second(0, 100, 0).second(1, 0, 0).second(2, 100, 0);
  EXPECT_EQ(check("error_rate < 1% for 2s", silent).verdict, Verdict::kFail);
  const RecordBuilder gap = RecordBuilder().second(0, 100, 0).second(2, 100, 0);
  EXPECT_EQ(check("error_rate < 1% for 2s", gap).verdict, Verdict::kFail);
}

TEST(EvaluateTest, SustainedBeforeABreachStands) {
  RecordBuilder builder;
  for (std::int64_t i = 0; i < 10; ++i) {
    builder.second(i, 100, 0);
  }
  EXPECT_EQ(check("error_rate < 1% for 5s", builder.breach(5)).verdict, Verdict::kPass);
  EXPECT_EQ(check("error_rate < 1% for 6s", builder).verdict, Verdict::kInvalid);
}

TEST(EvaluateTest, WhatSecondsDoNotTellIsInvalid) {
  const RecordBuilder builder = RecordBuilder().second(0, 100, 0);
  EXPECT_EQ(check("buy.charge error_rate < 1% for 1s", builder).verdict, Verdict::kInvalid);
  EXPECT_EQ(check("response p95 < 1s for 1s", builder).verdict, Verdict::kInvalid);
  EXPECT_FALSE(
      model::why_not_by_second(condition("buy error_rate < 1% for 1s"), {"buy.a", "buy.b"}));
}

TEST(EvaluateTest, APassOfAStepCannotRestOnWhatTheCapLeftOfItsCells) {
  const auto healthy = [] {
    RecordBuilder builder;
    builder.acked(1, 5000, 1'000).attempts(1, AttemptClass::kSuccess, 5000, 1'000);
    return builder;
  };
  const auto verdict = [](std::string_view text, const RecordBuilder& builder) {
    return check(text, builder).verdict;
  };
  RecordBuilder attempts = healthy();
  attempts.attempts(model::kOverflowStep, AttemptClass::kReset, 1, 10);
  for (const char* text : {"buy.charge attempt_error_rate < 1%", "buy.charge attempts > 10",
                           "buy.charge service p99 < 1s", "buy.charge lag max < 1s"}) {
    EXPECT_EQ(verdict(text, healthy()), Verdict::kPass) << text;
    EXPECT_EQ(verdict(text, attempts), Verdict::kInconclusive) << text;
  }
  EXPECT_EQ(verdict("attempt_error_rate < 1%", attempts), Verdict::kPass) << "all steps";
  EXPECT_EQ(verdict("buy.charge attempt_error_rate > 1%", attempts), Verdict::kFail);
  EXPECT_EQ(verdict("buy.charge response p99 < 1s", attempts), Verdict::kPass)
      << "no operation is missing";

  RecordBuilder dropped = healthy();
  dropped.attempts(model::kOverflowStep, AttemptClass::kDropped, 1, 10);
  EXPECT_EQ(verdict("buy.charge response p99 < 1s", dropped), Verdict::kInconclusive);
  RecordBuilder operations = healthy();
  operations.acked(model::kOverflowStep, 1, 10);
  EXPECT_EQ(verdict("buy.charge error_rate < 1%", operations), Verdict::kInconclusive);
  EXPECT_EQ(verdict("buy.charge attempt_error_rate < 1%", operations), Verdict::kPass);
}

TEST(EvaluateEffectsTest, DuplicatesFailAndAreCorrectness) {
  const CheckResult result =
      check("duplicate_effects == 0", RecordBuilder().effects({90, 0, 3, 0, 0}));
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_TRUE(result.about_effects);
  EXPECT_EQ(result.value, 3);
  EXPECT_EQ(check("lost_effects == 0", RecordBuilder().effects({90, 2, 0, 0, 0})).value, 2);
  EXPECT_EQ(check("phantom_effects == 0", RecordBuilder().effects({90, 0, 0, 4, 0})).value, 4);
}

TEST(EvaluateEffectsTest, UndecidedKeysAreNeverASilentPass) {
  const RecordBuilder builder = RecordBuilder().effects({90, 0, 0, 0, 5});
  const CheckResult result = check("duplicate_effects == 0", builder);
  EXPECT_EQ(result.verdict, Verdict::kInvalid);
  EXPECT_THAT(result.note, ::testing::HasSubstr("5 of 95"));
  EXPECT_EQ(check("undecided_effects == 0", builder).verdict, Verdict::kFail);
  EXPECT_EQ(check("duplicate_effects == 0", RecordBuilder().effects({90, 0, 1, 0, 5})).verdict,
            Verdict::kFail)
      << "one duplicate is proof, whatever the others are";
  EXPECT_EQ(check("duplicate_effects == 3", RecordBuilder().effects({90, 0, 1, 0, 5})).verdict,
            Verdict::kInvalid)
      << "it may still be three";
}

TEST(EvaluateEffectsTest, ATotalAloneFailsWhatItProvesAndPassesNothing) {
  const auto by_total = [](std::uint64_t duplicate, std::uint64_t lost) {
    RecordBuilder builder;
    builder.effects({0, 0, 0, 0, 95});
    builder.record.effects.oracles.front().total_only = true;
    builder.record.effects.surely_duplicate = duplicate;
    builder.record.effects.surely_lost = lost;
    return builder;
  };
  EXPECT_EQ(check("duplicate_effects == 0", by_total(1, 0)).verdict, Verdict::kFail);
  EXPECT_EQ(check("lost_effects == 0", by_total(1, 0)).verdict, Verdict::kInvalid);
  EXPECT_EQ(check("lost_effects == 0", by_total(0, 7)).value, 7);
  EXPECT_EQ(check("lost_effects == 0", by_total(0, 7)).verdict, Verdict::kFail);
  const CheckResult fits = check("duplicate_effects == 0", by_total(0, 0));
  EXPECT_EQ(fits.verdict, Verdict::kInvalid) << "a loss may hide a duplicate";
  EXPECT_THAT(fits.note, ::testing::HasSubstr("how many effects there were in all, not whose"));
}

TEST(EvaluateEffectsTest, AnOracleThatCouldNotAnswerMakesAllKeysUndecided) {
  RecordBuilder builder;
  builder.effects({90, 0, 0, 0, 0});
  builder.record.effects.oracles.front().problem = "connection refused";
  const CheckResult result = check("duplicate_effects == 0", builder);
  EXPECT_EQ(result.verdict, Verdict::kInvalid);
  EXPECT_THAT(result.note, ::testing::HasSubstr("connection refused"));
}

TEST(EvaluateEffectsTest, AnOracleThatNeverCameToRestProvesOnlyWhatMoreEffectsCannotUndo) {
  const auto restless = [](std::array<std::uint64_t, model::kEffectVerdictCount> verdicts) {
    RecordBuilder builder;
    builder.effects(verdicts);
    builder.record.effects.oracles.front().stable = false;
    return builder;
  };
  const auto verdict = [&](std::string_view text,
                           std::array<std::uint64_t, model::kEffectVerdictCount> verdicts) {
    const CheckResult result = check(text, restless(verdicts));
    EXPECT_THAT(result.note, ::testing::HasSubstr("counts were still changing")) << text;
    return result.verdict;
  };
  EXPECT_EQ(verdict("duplicate_effects == 0", {90, 0, 0, 0, 0}), Verdict::kInvalid);
  EXPECT_EQ(verdict("phantom_effects == 0", {90, 0, 0, 0, 0}), Verdict::kInvalid);
  EXPECT_EQ(verdict("lost_effects == 0", {90, 0, 0, 0, 0}), Verdict::kInvalid);
  EXPECT_EQ(verdict("lost_effects == 0", {90, 3, 0, 0, 0}), Verdict::kInvalid)
      << "they may yet come";
  EXPECT_EQ(verdict("duplicate_effects == 0", {90, 0, 1, 0, 0}), Verdict::kFail);
  EXPECT_EQ(verdict("duplicate_effects < 1", {90, 0, 1, 0, 0}), Verdict::kFail);
  EXPECT_EQ(verdict("phantom_effects == 0", {90, 0, 0, 1, 0}), Verdict::kFail);
  EXPECT_EQ(verdict("duplicate_effects == 2", {90, 0, 1, 0, 0}), Verdict::kInvalid)
      << "there may be a second one";
  EXPECT_EQ(verdict("duplicate_effects > 1", {90, 0, 1, 0, 0}), Verdict::kInvalid);
  EXPECT_EQ(check("undecided_effects == 0", restless({90, 0, 0, 0, 0})).verdict, Verdict::kPass)
      << "every key was answered for";
}

TEST(EvaluateEffectsTest, AnotherOracleThatNeverCameToRestDecidesUnattributedEffectsOnly) {
  RecordBuilder builder;
  builder.effects({90, 0, 0, 0, 0});
  builder.record.effects.oracles.push_back({"webhooks", "sink", 0, 90, Duration(1), false, 0, ""});
  EXPECT_EQ(check("duplicate_effects == 0", builder).verdict, Verdict::kPass);
  EXPECT_EQ(check("unattributed_effects == 0", builder).verdict, Verdict::kInvalid);
  builder.record.effects.oracles.back().problem = "connection refused";
  EXPECT_EQ(check("unattributed_effects == 0", builder).verdict, Verdict::kPass)
      << "it is not unrest that it did not answer";
}

TEST(EvaluateEffectsTest, WithoutCountingNothingIsKnown) {
  EXPECT_EQ(check("duplicate_effects == 0", RecordBuilder()).verdict, Verdict::kInvalid);
}

TEST(EvaluateEffectsTest, ABreachOfTheInjectionVoidsPassesOnly) {
  EXPECT_EQ(
      check("duplicate_effects == 0", RecordBuilder().effects({9, 0, 0, 0, 0}).breach(0, true))
          .verdict,
      Verdict::kInvalid);
  EXPECT_EQ(
      check("duplicate_effects == 0", RecordBuilder().effects({9, 0, 1, 0, 0}).breach(0, true))
          .verdict,
      Verdict::kFail);
}

model::SecondSummary second(std::int64_t at, std::uint64_t acked, std::uint64_t not_acked) {
  return RecordBuilder().second(at, acked, not_acked).record.seconds.front();
}

constexpr Duration kTenSeconds = std::chrono::seconds(10);

TEST(AbortWatchTest, FiresAfterEnoughConsecutiveSeconds) {
  AbortWatch watch({condition("error_rate > 50% for 3s"), condition("error_rate > 99%")},
                   kTenSeconds);
  EXPECT_EQ(watch.add(second(-1, 0, 10)), nullptr) << "warm-up";
  EXPECT_EQ(watch.add(second(0, 1, 9)), nullptr);
  EXPECT_EQ(watch.add(second(1, 1, 9)), nullptr);
  EXPECT_EQ(watch.add(second(2, 9, 1)), nullptr);
  EXPECT_EQ(watch.add(second(3, 1, 9)), nullptr);
  EXPECT_EQ(watch.add(second(4, 1, 9)), nullptr);
  const expr::Condition* fired = watch.add(second(5, 1, 9));
  ASSERT_NE(fired, nullptr);
  EXPECT_EQ(fired->source, "error_rate > 50% for 3s");
}

TEST(AbortWatchTest, WithoutForOneSecondIsEnough) {
  AbortWatch watch({condition("error_rate > 50%")}, kTenSeconds);
  EXPECT_EQ(watch.add(second(0, 0, 0)), nullptr) << "nothing ended in this second";
  EXPECT_NE(watch.add(second(1, 0, 1)), nullptr);
}

TEST(AbortWatchTest, AMissingSecondBreaksTheRow) {
  AbortWatch watch({condition("error_rate > 50% for 2s")}, kTenSeconds);
  EXPECT_EQ(watch.add(second(0, 0, 1)), nullptr);
  EXPECT_EQ(watch.add(second(2, 0, 1)), nullptr);
  EXPECT_NE(watch.add(second(3, 0, 1)), nullptr);
}

TEST(AbortWatchTest, TheDrainIsNoPartOfTheMeasuredPhase) {
  AbortWatch watch({condition("error_rate > 50% for 2s")}, kTenSeconds);
  EXPECT_EQ(watch.add(second(9, 0, 1)), nullptr);
  EXPECT_EQ(watch.add(second(10, 0, 1)), nullptr);
  EXPECT_EQ(watch.add(second(11, 0, 1)), nullptr);
}

}  // namespace
}  // namespace squall::reports
