#include "reports/checks/verdict.hpp"

#include <gmock/gmock.h>

#include "tests/reports/checks/record_builder.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using model::AttemptClass;
using model::ExitCode;
using model::Finding;
using model::RunRecord;
using model::Verdict;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Finding finding_of(Verdict verdict) {
  Finding finding;
  finding.detector = "fake";
  finding.id = "fake:buy.charge";
  finding.verdict = verdict;
  finding.about_effects = true;
  finding.summary = "it happened";
  return finding;
}

template <Verdict Always>
std::vector<Finding> always(const RunRecord& /*record*/) {
  return {finding_of(Always)};
}
std::vector<Finding> nothing(const RunRecord& /*record*/) {
  return {};
}

model::DetectorRegistry detectors(std::vector<Finding> (*detect)(const RunRecord&)) {
  model::DetectorRegistry registry;
  registry.add({.name = "fake", .summary = "", .needs = "an oracle", .detect = detect});
  return registry;
}

JudgeInputs requiring(std::vector<std::string_view> conditions,
                      std::vector<std::string> findings = {}) {
  JudgeInputs inputs;
  for (const std::string_view text : conditions) {
    inputs.require.push_back(condition(text));
  }
  inputs.findings = std::move(findings);
  return inputs;
}

RunRecord judged(RecordBuilder builder, const JudgeInputs& inputs,
                 std::vector<Finding> (*detect)(const RunRecord&) = nothing) {
  judge(builder.record, inputs, detectors(detect));
  return builder.record;
}

RecordBuilder healthy() {
  RecordBuilder builder;
  builder.acked(1, 5000, 1'000)
      .attempts(1, AttemptClass::kSuccess, 5000, 1'000)
      .effects({5000, 0, 0, 0, 0});
  builder.fault({5000, 500, 500, 0});
  return builder;
}

TEST(VerdictTest, PassIsZeroWithoutReasons) {
  const RunRecord record =
      judged(healthy(), requiring({"error_rate < 1%", "duplicate_effects == 0"}));
  EXPECT_EQ(record.exit_code, ExitCode::kPass);
  EXPECT_EQ(record.verdict, Verdict::kPass);
  EXPECT_TRUE(record.reasons.empty());
  EXPECT_EQ(record.checks.size(), 2U);
}

TEST(VerdictTest, AFailedThresholdIsOne) {
  const RunRecord record = judged(healthy(), requiring({"response p99 < 1us"}));
  EXPECT_EQ(record.exit_code, ExitCode::kCheckFailed);
  EXPECT_EQ(record.verdict, Verdict::kFail);
  EXPECT_THAT(record.reasons, Contains(HasSubstr("response p99 < 1us: it was ")));
}

TEST(VerdictTest, AFailedEffectCheckIsFiveAndBeatsAThreshold) {
  const RunRecord record = judged(healthy().effects({10, 0, 1, 0, 0}),
                                  requiring({"response p99 < 1us", "duplicate_effects == 0"}));
  EXPECT_EQ(record.exit_code, ExitCode::kCorrectness);
  EXPECT_EQ(record.reasons.size(), 2U);
}

TEST(VerdictTest, AVoidedCheckIsThreeAndBeatsAFailedOne) {
  RecordBuilder builder = healthy();
  builder.breach(4);
  const RunRecord record = judged(builder, requiring({"response p99 < 1us"}));
  EXPECT_EQ(record.exit_code, ExitCode::kInvalid);
  EXPECT_EQ(record.verdict, Verdict::kInvalid);
}

TEST(VerdictTest, ABreachDoesNotVoidEffectsAndWarnsOnly) {
  const RunRecord record = judged(healthy().breach(4), requiring({"duplicate_effects == 0"}));
  EXPECT_EQ(record.exit_code, ExitCode::kPass);
  EXPECT_THAT(record.reasons,
              Contains(AllOf(StartsWith("warning: "), HasSubstr("lag p99 was 14ms"))));
}

TEST(VerdictTest, ABreachInAPlanThatJudgesNothingIsThree) {
  EXPECT_EQ(judged(healthy().breach(4), requiring({})).exit_code, ExitCode::kInvalid);
  EXPECT_EQ(judged(healthy(), requiring({})).exit_code, ExitCode::kPass);
  EXPECT_EQ(judged(healthy().breach(4), requiring({}, {"fake"}), always<Verdict::kPass>).exit_code,
            ExitCode::kPass);
}

TEST(VerdictTest, UndecidedKeysUnderAnEffectCheckAreThree) {
  EXPECT_EQ(
      judged(healthy().effects({10, 0, 0, 0, 2}), requiring({"duplicate_effects == 0"})).exit_code,
      ExitCode::kInvalid);
  EXPECT_EQ(judged(healthy().effects({10, 0, 0, 0, 2}), requiring({"error_rate < 1%"})).exit_code,
            ExitCode::kPass);
  const RunRecord both =
      judged(healthy().effects({10, 0, 1, 0, 2}), requiring({"duplicate_effects == 0"}));
  EXPECT_EQ(both.exit_code, ExitCode::kCorrectness);
  EXPECT_THAT(both.reasons, Contains(HasSubstr("2 operations are undecided")));
}

TEST(VerdictTest, CountsThatWereStillChangingAreThreeUnderAnEffectCheckAndAWarningElse) {
  RecordBuilder builder = healthy();
  builder.record.effects.oracles.front().stable = false;
  const RunRecord record = judged(builder, requiring({"duplicate_effects == 0"}));
  EXPECT_EQ(record.exit_code, ExitCode::kInvalid);
  EXPECT_THAT(record.reasons, ::testing::ElementsAre(HasSubstr("counts were still changing")));
  const RunRecord warned = judged(builder, requiring({"error_rate < 1%"}));
  EXPECT_EQ(warned.exit_code, ExitCode::kPass);
  EXPECT_THAT(warned.reasons,
              ::testing::ElementsAre(AllOf(StartsWith("warning: "), HasSubstr("still changing"))));
  builder.record.effects.steps.front().verdicts = {4999, 0, 1, 0, 0};
  EXPECT_EQ(judged(builder, requiring({"duplicate_effects == 0"})).exit_code,
            ExitCode::kCorrectness)
      << "what was done twice stays done twice";
}

TEST(VerdictTest, FindingsFailOnlyWhenRequired) {
  EXPECT_EQ(judged(healthy(), requiring({}, {"fake"}), always<Verdict::kFail>).exit_code,
            ExitCode::kCorrectness);
  const RunRecord warned =
      judged(healthy(), requiring({"error_rate < 1%"}), always<Verdict::kFail>);
  EXPECT_EQ(warned.exit_code, ExitCode::kPass);
  EXPECT_THAT(warned.reasons, Contains(StartsWith("warning: fake:buy.charge: it happened")));
  EXPECT_EQ(judged(healthy(), requiring({}, {"fake"}), always<Verdict::kInvalid>).exit_code,
            ExitCode::kInvalid);
}

TEST(VerdictTest, ARequiredDetectorWithNothingToJudgeIsNeverASilentPass) {
  const RunRecord record = judged(healthy(), requiring({}, {"fake"}), nothing);
  EXPECT_EQ(record.exit_code, ExitCode::kInvalid);
  EXPECT_THAT(record.reasons, Contains(HasSubstr("it needs an oracle")));
  EXPECT_EQ(judged(healthy(), requiring({}, {"no-such"}), nothing).exit_code, ExitCode::kInvalid);
}

TEST(VerdictTest, InjectionMustBeAsPlanned) {
  const auto with = [](model::FaultCounts counts) {
    RecordBuilder builder = healthy();
    builder.record.faults.front().counts = counts;
    return judged(builder, requiring({"duplicate_effects == 0"}));
  };
  EXPECT_EQ(with({500, 0, 0, 0}).exit_code, ExitCode::kInvalid) << "decided nothing";
  EXPECT_EQ(with({500, 50, 49, 0}).exit_code, ExitCode::kInvalid) << "one did not fire";
  EXPECT_EQ(with({500, 50, 40, 10}).exit_code, ExitCode::kPass) << "the target pre-empted ten";
  EXPECT_THAT(with({500, 50, 40, 10}).reasons, Each(StartsWith("warning: ")));
  EXPECT_EQ(with({0, 0, 0, 0}).exit_code, ExitCode::kPass) << "no traffic in its window";
  EXPECT_THAT(with({0, 0, 0, 0}).reasons, Each(StartsWith("warning: ")));
}

TEST(VerdictTest, AFaultWhoseTurnsAreAnotherShardsMakesNoShardInvalid) {
  RecordBuilder builder = healthy();
  builder.record.faults.front().counts = {500, 0, 0, 0};
  EXPECT_EQ(judged(builder, requiring({"response p99 < 1s"})).exit_code, ExitCode::kInvalid);
  builder.record.shard = {.index = 1, .count = 8};
  const RunRecord shard = judged(builder, {});
  EXPECT_EQ(shard.exit_code, ExitCode::kPass);
  EXPECT_THAT(shard.reasons, Contains(HasSubstr("none of this shard's 500 attempts")));
}

TEST(VerdictTest, AFaultThatSoFewAttemptsMissByChanceIsInconclusive) {
  JudgeInputs inputs = requiring({"response p99 < 1s"});
  RecordBuilder builder = healthy();
  const std::string fault = builder.record.faults.front().name;
  builder.record.faults.front().counts = {3, 0, 0, 0};
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kInvalid) << "its share is not known";
  inputs.fault_shares[fault] = 0.1;
  const RunRecord few = judged(builder, inputs);
  EXPECT_EQ(few.verdict, Verdict::kInconclusive);
  EXPECT_EQ(few.exit_code, ExitCode::kPass);
  EXPECT_THAT(few.reasons, Contains(HasSubstr("none of the 3 attempts was its turn")));
  inputs.strict = true;
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kInconclusive);
  builder.record.faults.front().counts = {44, 0, 0, 0};  // 0.9^44 is below 1%
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kInvalid);
}

TEST(VerdictTest, ATargetThatNeverAnsweredIsFourAndBeatsAllChecks) {
  RecordBuilder builder;
  builder.attempts(1, AttemptClass::kRefused, 40, 10).attempts(1, AttemptClass::kTimeout, 2, 10);
  builder.operations(
      {1, model::Phase::kMeasured, model::Exposure::kClean, model::OperationOutcome::kNotSent}, 42,
      10);
  builder.record.totals.bytes_received = 0;
  const JudgeInputs inputs = requiring({"error_rate < 1%"});
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kUnreachable);
  builder.record.totals.bytes_received = 1;
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kCheckFailed)
      << "a timeout in the middle of an answer";
  builder.record.totals.bytes_received = 0;
  EXPECT_EQ(judged(builder.attempts(1, AttemptClass::kReset, 1, 10), inputs).exit_code,
            ExitCode::kCheckFailed)
      << "a reset is a connection";
}

TEST(VerdictTest, WhatThisHostHadNoDescriptorForIsNotTheTargetsFault) {
  RecordBuilder builder;
  builder.attempts(1, AttemptClass::kRefused, 40, 10);
  builder.operations(
      {1, model::Phase::kMeasured, model::Exposure::kClean, model::OperationOutcome::kNotSent}, 40,
      10);
  builder.record.totals.bytes_received = 0;
  builder.record.totals.out_of_descriptors = 30;
  builder.record.totals.out_of_ports = 10;
  builder.breach(0);
  EXPECT_EQ(judged(builder, requiring({"error_rate < 1%"})).exit_code, ExitCode::kInvalid);
  builder.record.totals.out_of_ports = 5;
  EXPECT_EQ(judged(builder, requiring({"error_rate < 1%"})).exit_code, ExitCode::kUnreachable)
      << "five others were refused by the target";
}

TEST(VerdictTest, ARunWithoutAttemptsIsNotUnreachable) {
  EXPECT_EQ(judged(RecordBuilder(), requiring({})).exit_code, ExitCode::kPass);
}

TEST(VerdictTest, InconclusiveIsSevenOnlyWhenStrict) {
  RecordBuilder builder;
  builder.acked(1, 20, 10);
  JudgeInputs inputs = requiring({"response p99 < 1s"});
  const RunRecord lax = judged(builder, inputs);
  EXPECT_EQ(lax.exit_code, ExitCode::kPass);
  EXPECT_EQ(lax.verdict, Verdict::kInconclusive);
  inputs.strict = true;
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kInconclusive);
  EXPECT_EQ(judged(builder, inputs).verdict, Verdict::kInconclusive);
}

TEST(VerdictTest, AnAbortFailsTheRun) {
  RecordBuilder builder = healthy();
  builder.record.events.push_back({std::chrono::seconds(5), "abort", "error_rate > 50% for 5s"});
  const RunRecord record = judged(builder, requiring({"duplicate_effects == 0"}));
  EXPECT_EQ(record.exit_code, ExitCode::kCheckFailed);
  EXPECT_THAT(record.reasons, Contains(HasSubstr("error_rate > 50% for 5s")));
}

TEST(VerdictTest, AServiceThatEndedIsTold) {
  RecordBuilder builder = healthy();
  builder.record.events.push_back(
      {std::chrono::milliseconds(1500), "service", "shop was killed by signal 9 (Killed)"});
  const RunRecord record = judged(builder, requiring({}));
  EXPECT_EQ(record.exit_code, ExitCode::kPass);
  EXPECT_THAT(record.reasons,
              Contains("warning: at 1.5s: service shop was killed by signal 9 (Killed)"));
}

TEST(VerdictTest, ASignalCountsWhenNothingElseHolds) {
  RecordBuilder builder = healthy();
  builder.record.interrupted = true;
  JudgeInputs inputs = requiring({"duplicate_effects == 0"});
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kInterrupted);
  EXPECT_EQ(judged(builder, inputs).verdict, Verdict::kInconclusive);
  inputs.signal_code = ExitCode::kTerminated;
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kTerminated);
  builder.effects({1, 0, 1, 0, 0});
  EXPECT_EQ(judged(builder, inputs).exit_code, ExitCode::kCorrectness);
}

TEST(VerdictTest, AKilledRunIsNoPass) {
  RecordBuilder builder = healthy();
  builder.record.complete = false;
  EXPECT_EQ(judged(builder, requiring({"error_rate < 1%"})).verdict, Verdict::kInconclusive);
}

TEST(VerdictTest, AKilledRunIsJudgedOverWhatThereIs) {
  RecordBuilder builder = healthy();
  builder.record.complete = false;
  builder.record.effects = {};
  builder.record.faults.front().counts = {5000, 500, 497, 0};
  const RunRecord open = judged(builder, requiring({"error_rate < 1%"}));
  EXPECT_EQ(open.verdict, Verdict::kInconclusive) << "what was in flight is no broken promise";
  EXPECT_THAT(open.reasons,
              Contains(AllOf(HasSubstr("incomplete"), HasSubstr("effects were not counted"))));
  EXPECT_THAT(open.reasons, Contains(HasSubstr("3 of 500 that were decided were open")));
  EXPECT_EQ(judged(builder, requiring({"response p99 < 1us"})).exit_code, ExitCode::kCheckFailed);
  EXPECT_EQ(judged(builder, requiring({"lost_effects == 0"})).exit_code, ExitCode::kInvalid);
  builder.record.faults.front().unfired = {"no cut"};
  EXPECT_EQ(judged(builder, requiring({"error_rate < 1%"})).exit_code, ExitCode::kInvalid);
}

TEST(VerdictTest, ADetectorOfAKilledRunDoesNotBlameThePlan) {
  RecordBuilder builder = healthy();
  const auto reasons = [&] { return judged(builder, requiring({}, {"fake"})).reasons; };
  EXPECT_THAT(reasons(), Contains(HasSubstr("nothing to judge; it needs")));
  builder.record.complete = false;
  EXPECT_THAT(reasons(), Contains(HasSubstr("nothing to judge: squall was killed")));
  EXPECT_THAT(reasons(), Not(Contains(HasSubstr("it needs"))));
}

// Five seconds of baseline, one of fault, then four that are as before.
RunRecord with_fault_at_five_seconds() {
  using namespace std::chrono_literals;
  RunRecord record = RecordBuilder().record;
  record.phase_bounds.cover(5s, 6s);
  for (std::int64_t second = 0; second < 10; ++second) {
    model::SecondSummary summary;
    summary.second = second;
    const model::Phase phase = record.phase_bounds.phase_at(std::chrono::seconds(second));
    summary.steps.push_back({1, phase, 50, 0, 1000, 1000});
    record.seconds.push_back(std::move(summary));
  }
  return record;
}

model::CheckResult recovery_check(RunRecord record) {
  judge(record, requiring({"time_to_recover < 3s"}), {});
  return record.checks.front();
}

TEST(VerdictTest, ThatAKilledRunStaysRecoveredIsNotKnown) {
  using namespace std::chrono_literals;
  RunRecord record = with_fault_at_five_seconds();
  EXPECT_EQ(recovery_check(record).verdict, Verdict::kPass);
  record.complete = false;
  EXPECT_EQ(recovery_check(record).verdict, Verdict::kPass) << "killed in the drain";
  record.measured_duration = 8s;
  EXPECT_EQ(recovery_check(record).verdict, Verdict::kInconclusive);
}

TEST(VerdictTest, SaysWhatTheBaselineLacks) {
  using namespace std::chrono_literals;
  RunRecord early = with_fault_at_five_seconds();
  early.seconds.resize(4);
  early.measured_duration = 4s;
  EXPECT_THAT(recovery_check(early).note, HasSubstr("ended after 4s, before the first fault"));
  RunRecord hole = with_fault_at_five_seconds();
  hole.seconds[3].steps.clear();
  EXPECT_THAT(recovery_check(hole).note, HasSubstr("the 5 whole seconds before the first fault"));
  RunRecord brief = with_fault_at_five_seconds();
  brief.phase_bounds = {};
  brief.phase_bounds.cover(1s, 2s);
  EXPECT_THAT(recovery_check(brief).note, HasSubstr("1 whole seconds before the first fault; it"));
}

TEST(VerdictTest, JudgingTwiceGivesTheSame) {
  RunRecord record = testing::sample_record();
  const JudgeInputs inputs =
      requiring({"buy.charge response p99 < 500ms", "duplicate_effects == 0"}, {"fake"});
  judge(record, inputs, detectors(always<Verdict::kFail>));
  const std::vector<std::string> reasons = record.reasons;
  judge(record, inputs, detectors(always<Verdict::kFail>));
  EXPECT_EQ(record.reasons, reasons);
  EXPECT_EQ(record.checks.size(), 2U);
  EXPECT_EQ(record.findings.size(), 1U);
}

TEST(VerdictTest, SaysThatATargetWasNotVerified) {
  RecordBuilder builder = healthy();
  builder.record.tls = {{"checked", false, {}}, {"staging", true, {}}};
  const RunRecord record = judged(builder, requiring({"error_rate < 1%"}));
  EXPECT_EQ(record.exit_code, ExitCode::kPass);
  EXPECT_THAT(record.reasons,
              ::testing::ElementsAre(StartsWith("warning: target staging was NOT verified")));
}

}  // namespace
}  // namespace squall::reports
