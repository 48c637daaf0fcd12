#include "reports/checks/idempotency.hpp"

#include <gmock/gmock.h>

#include "reports/checks/verdict.hpp"
#include "tests/support/verified_record.hpp"

namespace squall::reports {
namespace {

using model::ExitCode;
using model::IdempotencyReport;
using model::PropertyHarm;
using model::PropertyVerdict;
using model::RunRecord;
using model::Verdict;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::sample_verification;
using ::testing::StartsWith;
using testing::verified_record;

enum class Mode { kDefault, kStrict };

RunRecord judged(IdempotencyReport report, Mode mode = Mode::kDefault) {
  RunRecord record = verified_record(std::move(report));
  JudgeInputs inputs;
  inputs.strict = mode == Mode::kStrict;
  judge(record, inputs, model::DetectorRegistry());
  return record;
}

// Of the sample: properties of those numbers alone.
IdempotencyReport only(std::initializer_list<std::uint32_t> numbers) {
  IdempotencyReport report = sample_verification();
  report.disagreement_count = 0;
  report.disagreements.clear();
  std::erase_if(report.properties, [&](const model::PropertyResult& property) {
    return std::find(numbers.begin(), numbers.end(), property.number) == numbers.end();
  });
  return report;
}

TEST(IdempotencyFindingsTest, OneForEachPropertyThatWasTested) {
  const auto findings = idempotency_findings(sample_verification(), false);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].id, "idempotency:1-replay-after-completion");
  EXPECT_EQ(findings[0].verdict, Verdict::kPass);
  EXPECT_TRUE(findings[0].required);
  EXPECT_TRUE(findings[0].remedies.empty());
  EXPECT_EQ(findings[1].id, "idempotency:4-concurrent-twins");
  EXPECT_EQ(findings[1].detector, "idempotency");
  EXPECT_EQ(findings[1].verdict, Verdict::kFail);
  EXPECT_TRUE(findings[1].required);
  EXPECT_TRUE(findings[1].about_effects);
  EXPECT_EQ(findings[1].remedies.size(), 2U);
  EXPECT_EQ(findings[2].id, "idempotency:5-in-flight-retry");
  EXPECT_EQ(findings[2].verdict, Verdict::kFail);
  EXPECT_FALSE(findings[2].required);
}

TEST(IdempotencyFindingsTest, HarmDecidesWhetherCorrectnessIsViolated) {
  for (const auto& [harm, code] : {std::pair{PropertyHarm::kEffects, ExitCode::kCorrectness},
                                   {PropertyHarm::kState, ExitCode::kCorrectness},
                                   {PropertyHarm::kLeak, ExitCode::kCorrectness},
                                   {PropertyHarm::kStuck, ExitCode::kCorrectness},
                                   {PropertyHarm::kAnswer, ExitCode::kCheckFailed}}) {
    IdempotencyReport report = only({4});
    report.properties[0].harm = harm;
    const RunRecord record = judged(report);
    EXPECT_EQ(record.exit_code, code) << to_string(harm);
    EXPECT_EQ(record.verdict, Verdict::kFail);
  }
}

TEST(IdempotencyFindingsTest, AllThatPassIsAPass) {
  const RunRecord record = judged(only({1}));
  EXPECT_EQ(record.exit_code, ExitCode::kPass);
  EXPECT_EQ(record.verdict, Verdict::kPass);
  EXPECT_TRUE(record.reasons.empty());
}

TEST(IdempotencyFindingsTest, AWarningFailsOnlyWhenStrict) {
  const RunRecord lenient = judged(only({1, 5}));
  EXPECT_EQ(lenient.exit_code, ExitCode::kPass);
  EXPECT_THAT(lenient.reasons, Contains(StartsWith("warning: idempotency:5-in-flight-retry: ")));
  EXPECT_EQ(judged(only({1, 5}), Mode::kStrict).exit_code, ExitCode::kCheckFailed);
}

TEST(IdempotencyFindingsTest, AWarningAboutEffectsIsNoViolationWhenStrict) {
  IdempotencyReport report = only({5});
  report.properties[0].harm = PropertyHarm::kEffects;
  EXPECT_EQ(judged(report, Mode::kStrict).exit_code, ExitCode::kCheckFailed);
}

TEST(IdempotencyRemarksTest, WhatThePlanLacksIsInconclusiveOnlyWhenStrict) {
  const RunRecord lenient = judged(only({1, 22}));
  EXPECT_EQ(lenient.exit_code, ExitCode::kPass);
  EXPECT_EQ(lenient.verdict, Verdict::kPass);
  EXPECT_THAT(lenient.reasons, Contains(HasSubstr("1 of 2 properties were not tested")));
  EXPECT_EQ(judged(only({1, 22}), Mode::kStrict).exit_code, ExitCode::kInconclusive);
}

TEST(IdempotencyRemarksTest, NothingTestedIsNoPass) {
  const RunRecord record = judged(only({22}));
  EXPECT_EQ(record.exit_code, ExitCode::kPass);
  EXPECT_EQ(record.verdict, Verdict::kInconclusive);
}

TEST(IdempotencyRemarksTest, WhatWasTriedAndNotDecidedIsInconclusive) {
  IdempotencyReport report = only({1, 22});
  report.properties[1].needs.clear();
  report.properties[1].summary = "no trial came to its end";
  const RunRecord record = judged(report);
  EXPECT_EQ(record.verdict, Verdict::kInconclusive);
  EXPECT_THAT(record.reasons, Contains("property 22, Late duplicate: no trial came to its end"));
}

TEST(IdempotencyRemarksTest, AnOracleThatFailsIsInvalidUnlessCorrectnessIsViolated) {
  IdempotencyReport undecided = only({1});
  undecided.oracle_problem = "connection refused";
  EXPECT_EQ(judged(undecided).exit_code, ExitCode::kInvalid);
  EXPECT_EQ(judged(undecided).verdict, Verdict::kInvalid);
  IdempotencyReport broken = only({4});
  broken.oracle_problem = "connection refused";
  EXPECT_EQ(judged(broken).exit_code, ExitCode::kCorrectness);
}

TEST(IdempotencyRemarksTest, ALaterOracleThatFailsIsInvalidToo) {
  IdempotencyReport report = only({1});
  report.unanswered = {"database: no such table: ledgr"};
  const RunRecord record = judged(report);
  EXPECT_EQ(record.exit_code, ExitCode::kInvalid);
  EXPECT_THAT(record.reasons, Contains(HasSubstr("no such table: ledgr")));
}

TEST(IdempotencyRemarksTest, OraclesThatDisagreeLeaveADoubt) {
  IdempotencyReport report = only({1});
  report.disagreement_count = 3;
  report.disagreements = {"t-9: ledger counts 1, database counts 2"};
  const RunRecord record = judged(report);
  EXPECT_EQ(record.verdict, Verdict::kInconclusive);
  EXPECT_THAT(record.reasons, Contains(HasSubstr("disagree about 3 tokens")));
}

TEST(IdempotencyRemarksTest, JudgingAgainGivesTheSame) {
  RunRecord record = judged(sample_verification());
  const auto reasons = record.reasons;
  judge(record, {}, model::DetectorRegistry());
  EXPECT_EQ(record.reasons, reasons);
  EXPECT_EQ(record.findings.size(), 3U);
}

}  // namespace
}  // namespace squall::reports
