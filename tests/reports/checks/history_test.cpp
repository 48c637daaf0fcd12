#include "reports/checks/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/history_report.hpp"
#include "reports/checks/verdict.hpp"

namespace squall::reports {
namespace {

using model::ExitCode;
using model::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;

model::RunRecord record_with(Verdict verdict) {
  auto history = std::make_shared<model::HistoryReport>();
  model::HistoryCheckReport& check = history->checks.emplace_back();
  check.name = "stock";
  check.check = "register";
  check.steps = {"buy.put", "buy.get"};
  check.verdict = verdict;
  check.operations = 7;
  check.violations = verdict == Verdict::kFail ? 1 : 0;
  check.summary = "1 of 3 keys not linearizable";
  check.witness = {"write 1", "read -> 2"};
  model::RunRecord record;
  record.complete = true;
  record.history = history;
  return record;
}

ExitCode judged(model::RunRecord& record, bool strict = false) {
  JudgeInputs inputs;
  inputs.strict = strict;
  judge(record, inputs, model::DetectorRegistry());
  return record.exit_code;
}

TEST(HistoryChecks, AViolationIsExitFiveWithItsWitness) {
  model::RunRecord record = record_with(Verdict::kFail);
  EXPECT_EQ(judged(record), ExitCode::kCorrectness);
  ASSERT_EQ(record.checks.size(), 1U);
  EXPECT_EQ(record.checks[0].source, "history stock (register) of buy.put, buy.get");
  EXPECT_EQ(record.checks[0].value_text, "1 violation");
  EXPECT_TRUE(record.checks[0].about_effects);
  ASSERT_EQ(record.findings.size(), 1U);
  EXPECT_EQ(record.findings[0].id, "history:stock");
  EXPECT_THAT(record.findings[0].evidence, ElementsAre("write 1", "read -> 2"));
  EXPECT_FALSE(record.findings[0].remedies.empty());
  // Once, not once as a check and once as a finding.
  EXPECT_EQ(record.reasons.size(), 1U);
  EXPECT_THAT(record.reasons.at(0), HasSubstr("1 of 3 keys not linearizable"));
}

TEST(HistoryChecks, JudgingAgainGivesTheSame) {
  model::RunRecord record = record_with(Verdict::kFail);
  static_cast<void>(judged(record));
  static_cast<void>(judged(record));
  EXPECT_EQ(record.checks.size(), 1U);
  EXPECT_EQ(record.findings.size(), 1U);
}

TEST(HistoryChecks, InconclusiveIsExitSevenWhenStrict) {
  model::RunRecord record = record_with(Verdict::kInconclusive);
  EXPECT_EQ(judged(record), ExitCode::kPass);
  EXPECT_EQ(record.verdict, Verdict::kInconclusive);
  EXPECT_EQ(judged(record, true), ExitCode::kInconclusive);
  EXPECT_TRUE(record.findings.empty());
}

TEST(HistoryChecks, APassJudgesTheRun) {
  model::RunRecord record = record_with(Verdict::kPass);
  record.breaches.push_back({.reason = "lag", .from_second = 1});
  EXPECT_EQ(judged(record), ExitCode::kPass);
  EXPECT_TRUE(judges_history(record));
  EXPECT_FALSE(judges_history(model::RunRecord()));
}

}  // namespace
}  // namespace squall::reports
