#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/detector.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::reports {
namespace {

using model::EffectVerdict;
using model::Finding;
using model::RunRecord;
using model::Verdict;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<Finding> detect(const RunRecord& record) {
  model::DetectorRegistry registry;
  register_detectors(registry);
  const model::DetectorKind* kind = registry.find("double-charge");
  EXPECT_NE(kind, nullptr);
  return kind == nullptr ? std::vector<Finding>{} : kind->detect(record);
}

TEST(DoubleChargeTest, TellsWhichOperationsAndHowTheyCameAbout) {
  const std::vector<Finding> findings = detect(testing::sample_record());
  ASSERT_EQ(findings.size(), 1U);
  const Finding& finding = findings.front();
  EXPECT_EQ(finding.id, "double-charge:buy.charge");
  EXPECT_EQ(finding.verdict, Verdict::kFail);
  EXPECT_TRUE(finding.about_effects);
  EXPECT_EQ(finding.summary, "31 of 4400 operations of buy.charge were done more than once");
  EXPECT_THAT(finding.evidence,
              Contains("share of all operations: 0.70%, 95% interval 0.48% to 1.00%"));
  EXPECT_THAT(
      finding.evidence,
      Contains(StartsWith(
          "26 touched by twins (duplicate), not retried (of 398 firings 6.53%, 95% interval ")));
  EXPECT_THAT(
      finding.evidence,
      Contains(StartsWith(
          "5 touched by lost-ack (drop), then retried (of 201 firings 2.49%, 95% interval ")));
  EXPECT_THAT(finding.evidence,
              Contains(HasSubstr("key 0f5c0000-0000-8000-8000-0000000007c1: acked, 2 effects")));
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("attempt 1 copy 2: 201 success after 33ms")));
  EXPECT_THAT(finding.remedies, Contains(HasSubstr("unique constraint")));
  EXPECT_EQ(finding.reproducer, "squall replay DIR --key 0f5c0000-0000-8000-8000-0000000007c1");
}

TEST(DoubleChargeTest, SaysWhatAReplayLeavesOut) {
  RunRecord record = testing::sample_record();
  const auto leaves_out = HasSubstr("what proxies and actions did at that time is not done again");
  record.timeline.clear();
  EXPECT_THAT(detect(record).front().evidence, Not(Contains(leaves_out)));
  record.timeline.emplace_back().name = "blackhole";
  EXPECT_THAT(detect(record).front().evidence, Contains(leaves_out));
}

TEST(DoubleChargeTest, GroupsTheListedCasesWhenOriginsAreNotKnown) {
  RunRecord record = testing::sample_record();
  record.effects.origins.clear();
  const Finding finding = detect(record).front();
  EXPECT_THAT(finding.evidence, Contains("how they came about, of the first 2:"));
  EXPECT_THAT(finding.evidence,
              Contains(StartsWith("1 touched by twins (duplicate), not retried")));
  EXPECT_THAT(finding.evidence, Contains(StartsWith("1 touched by lost-ack (drop), then retried")));
}

TEST(DoubleChargeTest, SilenceSaysHowMuchWasTried) {
  const Finding finding = detect(testing::clean_record()).front();
  EXPECT_EQ(finding.verdict, Verdict::kPass);
  // 4,997 attempts and copies of 4,400 operations: 597 repetitions, so 3/597 bounds the rate.
  EXPECT_THAT(
      finding.evidence,
      Contains(StartsWith("597 repetitions on the wire; with 95% confidence fewer than 0.5")));
  EXPECT_TRUE(finding.reproducer.empty());
}

TEST(DoubleChargeTest, SilenceWithoutRepetitionSaysNothing) {
  RunRecord record = testing::clean_record();
  std::erase_if(record.attempts,
                [](const auto& cell) { return cell.first.exposure == model::Exposure::kFaulted; });
  EXPECT_EQ(detect(record).front().verdict, Verdict::kInconclusive);
}

TEST(DoubleChargeTest, CountsThatWereStillChangingAreNoAcquittal) {
  RunRecord record = testing::clean_record();
  record.effects.oracles.front().stable = false;
  const Finding finding = detect(record).front();
  EXPECT_EQ(finding.verdict, Verdict::kInvalid);
  EXPECT_THAT(finding.summary, HasSubstr("still changing"));
  RunRecord guilty = testing::sample_record();
  guilty.effects.oracles.front().stable = false;
  EXPECT_EQ(detect(guilty).front().verdict, Verdict::kFail);
}

TEST(DoubleChargeTest, UndecidedOperationsAreNoAcquittal) {
  RunRecord record = testing::clean_record();
  record.effects.steps.front().verdicts = {4390, 0, 0, 0, 10};
  record.effects.oracles.front().problem = "connection refused";
  const Finding finding = detect(record).front();
  EXPECT_EQ(finding.verdict, Verdict::kInvalid);
  EXPECT_THAT(finding.summary, HasSubstr("10 of 4400"));
  EXPECT_THAT(finding.evidence, Contains("oracle ledger: connection refused"));
}

TEST(DoubleChargeTest, OneDuplicateIsProofWhateverIsUndecided) {
  RunRecord record = testing::sample_record();
  record.effects.steps.front().verdicts = {4000, 0, 1, 0, 399};
  EXPECT_EQ(detect(record).front().verdict, Verdict::kFail);
}

TEST(DoubleChargeTest, WithoutEffectStepsThereIsNothingToJudge) {
  RunRecord record = testing::sample_record();
  record.effects = {};
  EXPECT_TRUE(detect(record).empty());
}

TEST(DoubleChargeTest, OneFindingForEachStep) {
  RunRecord record = testing::sample_record();
  model::EffectCounts refunds;
  refunds.step = "buy.refund";
  record.effects.steps.push_back(refunds);
  const std::vector<Finding> findings = detect(record);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[1].id, "double-charge:buy.refund");
  EXPECT_EQ(findings[1].verdict, Verdict::kInconclusive);
}

TEST(DoubleChargeTest, HostileNamesStayOneLine) {
  for (const Finding& finding : detect(testing::hostile_record(testing::poison_text()))) {
    for (const std::string& line : finding.evidence) {
      EXPECT_EQ(line.find_first_of("\n\r\x1b"), std::string::npos) << line;
    }
    EXPECT_EQ(finding.reproducer.find_first_of("\n\r\x1b"), std::string::npos);
  }
}

}  // namespace
}  // namespace squall::reports
