// The detectors of part A that judge properties of idempotency keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "loadgen/model/detector.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;
using model::Verdict;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PropertyResult property(const std::string& name, PropertyVerdict verdict, PropertyHarm harm) {
  PropertyResult result;
  result.name = name;
  result.title = "Title of " + name;
  result.provocation = "some requests";
  result.trials = 5;
  result.verdict = verdict;
  result.harm = harm;
  result.summary = "what was seen";
  result.remedies = {"a remedy"};
  result.reproducer = "squall replay DIR --property 17";
  return result;
}

std::vector<Finding> judged(const std::string& detector, std::vector<PropertyResult> properties) {
  model::RunRecord record;
  model::IdempotencyReport report;
  report.properties = std::move(properties);
  record.idempotency = std::make_shared<const model::IdempotencyReport>(std::move(report));
  model::DetectorRegistry registry;
  register_detectors(registry);
  return registry.find(detector)->detect(record);
}

TEST(PoisonedKey, AKeyThatStaysUnusableAfterACrashIsNamed) {
  const auto findings = judged(
      "poisoned-key", {property("crash-inside", PropertyVerdict::kFail, PropertyHarm::kStuck)});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "poisoned-key:crash-inside");
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
  EXPECT_TRUE(findings[0].about_effects);
  EXPECT_EQ(findings[0].summary, "Title of crash-inside: what was seen");
  EXPECT_THAT(findings[0].evidence, Contains("provoked by: some requests"));
  EXPECT_THAT(findings[0].remedies, Contains("a remedy"));
  EXPECT_EQ(findings[0].reproducer, "squall replay DIR --property 17");
}

TEST(PoisonedKey, KeysThatCanBeUsedAgainPass) {
  const auto findings =
      judged("poisoned-key",
             {property("crash-inside", PropertyVerdict::kPass, PropertyHarm::kNone),
              property("dependency-fails", PropertyVerdict::kWarn, PropertyHarm::kAnswer),
              property("conflict-not-sticky", PropertyVerdict::kFail, PropertyHarm::kAnswer),
              property("concurrent-twins", PropertyVerdict::kFail, PropertyHarm::kEffects)});
  ASSERT_THAT(findings, SizeIs(3));
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.verdict, Verdict::kPass) << finding.id;
    EXPECT_THAT(finding.remedies, IsEmpty());
  }
}

TEST(PoisonedKey, AGraverHarmHidesIt) {
  const auto findings = judged(
      "poisoned-key", {property("crash-inside", PropertyVerdict::kFail, PropertyHarm::kEffects)});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kInconclusive);
  EXPECT_THAT(findings[0].summary, HasSubstr("something else"));
}

TEST(PoisonedKey, WhatWasNotTestedIsNoPass) {
  PropertyResult untested =
      property("crash-inside", PropertyVerdict::kNotTested, PropertyHarm::kNone);
  untested.needs = "idempotency.restart: services";
  const auto findings = judged("poisoned-key", {untested});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::kInconclusive);
  EXPECT_THAT(findings[0].summary, HasSubstr("idempotency.restart"));
}

TEST(KeyLeakAcrossTenants, TheAnswerOfAnotherCallerIsNamedAndNoOtherLeak) {
  const auto findings =
      judged("key-leak-across-tenants",
             {property("scope-by-caller", PropertyVerdict::kFail, PropertyHarm::kLeak),
              property("scope-by-endpoint", PropertyVerdict::kFail, PropertyHarm::kLeak)});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].id, "key-leak-across-tenants:scope-by-caller");
  EXPECT_EQ(findings[0].verdict, Verdict::kFail);
}

TEST(KeyLeakAcrossTenants, SaysNothingOfARunWithoutKeys) {
  model::DetectorRegistry registry;
  register_detectors(registry);
  EXPECT_THAT(registry.find("key-leak-across-tenants")->detect(model::RunRecord()), IsEmpty());
}

}  // namespace
}  // namespace squall::reports
