// Properties against an API that is wrong in one way at a time: each names its own defect, and no
// other.
#include "loadgen/verify/verification.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <span>

#include "loadgen/verify/lab.hpp"
#include "tests/loadgen/verify/payments_plan.hpp"

namespace squall::verify {
namespace {

using model::PropertyHarm;
using model::PropertyVerdict;
using testing::HasSubstr;
using testing::IsEmpty;

const std::set<unsigned> kTestable = {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 24};

void expect_only_these_fail(const VerifiedPlan& verified, const std::set<unsigned>& failing) {
  ASSERT_TRUE(verified.verified) << verified.problem;
  for (const model::PropertyResult& result : verified.verified->report.properties) {
    if (kTestable.contains(result.number)) {
      EXPECT_EQ(result.verdict == PropertyVerdict::kFail, failing.contains(result.number))
          << result.number << " " << result.title << ": " << model::to_string(result.verdict)
          << ", " << result.summary;
    }
  }
}

VerifiedPlan verified_with(const Habits& habits) {
  MadePlan made = made_plan(habits);
  add_oracle(made);
  return verify_plan(made);
}

TEST(Verification, AnApiThatDoesEverythingRightPassesAll) {
  const VerifiedPlan verified = verified_with({});
  expect_only_these_fail(verified, {});
  for (const unsigned number : kTestable) {
    EXPECT_EQ(verified.property(number).verdict, PropertyVerdict::kPass)
        << number << ": " << verified.property(number).summary;
  }
  const model::IdempotencyReport& report = verified.verified->report;
  EXPECT_TRUE(report.effects_counted);
  EXPECT_EQ(report.effects_each, 1U);
  EXPECT_THAT(report.oracle_problem, IsEmpty());
  EXPECT_GE(report.service_time, std::chrono::milliseconds(8));
  EXPECT_THAT(report.volatile_fields, testing::ElementsAre("/read"));
  EXPECT_THAT(verified.property(4).summary, HasSubstr("3/12"));
}

TEST(Verification, BlockingTwinsAreAsGoodAsRefusingThem) {
  expect_only_these_fail(verified_with({.blocks = true}), {});
}

TEST(Verification, WithoutKeysEveryRepetitionIsAnEffect) {
  const VerifiedPlan verified = verified_with({.knows_keys = false});
  expect_only_these_fail(verified, {1, 2, 3, 4, 5, 6, 7, 8, 24});
  EXPECT_EQ(verified.property(1).harm, PropertyHarm::kEffects);
  EXPECT_THAT(verified.property(1).summary, HasSubstr("2 effects where at most 1 may be"));
  ASSERT_FALSE(verified.property(1).cases.empty());
  const model::PropertyCase& first = verified.property(1).cases.front();
  EXPECT_EQ(first.effects, 2U);
  ASSERT_EQ(first.requests.size(), 2U);
  EXPECT_THAT(first.requests[1].request, HasSubstr("Idempotency-Key: "));
}

TEST(Verification, ACheckBeforeTheInsertFailsTheRacesAlone) {
  expect_only_these_fail(verified_with({.claims = false, .takes = std::chrono::milliseconds(25)}),
                         {3, 4, 5, 6, 8});
}

TEST(Verification, PayloadsThatAreNotComparedFailMismatches) {
  const VerifiedPlan verified = verified_with({.compares_payloads = false});
  expect_only_these_fail(verified, {7});
  EXPECT_EQ(verified.property(7).harm, PropertyHarm::kAnswer);
}

TEST(Verification, KeysThatCallersShareLeakAnswers) {
  const VerifiedPlan verified = verified_with({.by_caller = false});
  expect_only_these_fail(verified, {13});
  EXPECT_EQ(verified.property(13).harm, PropertyHarm::kLeak);
}

TEST(Verification, KeysThatEndpointsShareLeakAnswers) {
  const VerifiedPlan verified = verified_with({.by_endpoint = false, .compares_payloads = false});
  expect_only_these_fail(verified, {7, 14});
  EXPECT_EQ(verified.property(14).harm, PropertyHarm::kLeak);
}

TEST(Verification, AKeyThatStaysInUseIsStuck) {
  const VerifiedPlan verified = verified_with({.releases = false});
  ASSERT_TRUE(verified.verified);
  EXPECT_EQ(verified.property(6).verdict, PropertyVerdict::kFail);
  EXPECT_EQ(verified.property(6).harm, PropertyHarm::kStuck);
}

TEST(Verification, WhatTheProfileDeclaresFailsAndTheRestWarns) {
  const VerifiedPlan declared = verified_with({.frozen = false});
  EXPECT_EQ(declared.property(1).verdict, PropertyVerdict::kFail);
  model::IdempotencyPlan silent = made_idempotency();
  silent.profile = {};
  MadePlan made = made_plan({.marker = "", .frozen = false}, silent);
  add_oracle(made);
  const VerifiedPlan undeclared = verify_plan(made, {.only = {24, 11}});
  EXPECT_EQ(undeclared.property(24).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(undeclared.property(24).needs, HasSubstr("marker"));
  EXPECT_EQ(undeclared.property(11).verdict, PropertyVerdict::kPass);
}

TEST(Verification, BadKeysThatAreTakenAndJoinedFail) {
  const VerifiedPlan verified = verified_with({.checks_keys = false});
  EXPECT_NE(verified.property(12).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(verified.property(12).evidence, testing::Contains(HasSubstr("two header lines")));
}

TEST(Verification, ARefusedOperationShowsWhatWasExpectedAndWhatTheApiSaid) {
  model::IdempotencyPlan idempotency = made_idempotency();
  idempotency.operation.expect = {expr::parse_expectation("status == 418").value()};
  MadePlan made = made_plan({}, idempotency);
  const VerifiedPlan refused = verify_plan(made);
  EXPECT_FALSE(refused.verified);
  EXPECT_THAT(refused.problem, HasSubstr("POST /payments was answered with status 201, expected "
                                         "\"status == 418\": {\""));
  EXPECT_THAT(refused.problem, testing::Not(HasSubstr("status is")));
}

TEST(Verification, ARefusalForItsBodyNamesThatAndNoSecret) {
  model::IdempotencyPlan idempotency = made_idempotency();
  idempotency.operation.expect = {expr::parse_expectation("json /nothing exists").value()};
  MadePlan made = made_plan({}, idempotency);
  made.plan.secrets = {"1999"};
  const VerifiedPlan refused = verify_plan(made);
  EXPECT_FALSE(refused.verified);
  EXPECT_THAT(refused.problem, HasSubstr("expected \"json /nothing exists\" ("));
  EXPECT_THAT(refused.problem, HasSubstr("\"amount\":***"));
  EXPECT_THAT(refused.problem, testing::Not(HasSubstr("1999")));
}

TEST(Verification, WithoutAnOracleItSaysWhatIsNotDecided) {
  const VerifiedPlan sound = verify_plan(made_plan({}));
  ASSERT_TRUE(sound.verified) << sound.problem;
  EXPECT_FALSE(sound.verified->report.effects_counted);
  EXPECT_EQ(sound.property(1).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(sound.property(1).needs, HasSubstr("[[effects.oracle]]"));
  EXPECT_EQ(sound.property(24).verdict, PropertyVerdict::kPass);  // answers decide it
  const VerifiedPlan broken = verify_plan(made_plan({.knows_keys = false}));
  EXPECT_EQ(broken.property(1).verdict, PropertyVerdict::kFail);
  EXPECT_THAT(broken.property(1).summary, HasSubstr("answers name 2 resources"));
}

TEST(Verification, BackgroundEffectsBelongToEachOperation) {
  MadePlan made = made_plan({});
  add_oracle(made, 3);
  const VerifiedPlan verified = verify_plan(made, {.only = {1, 4, 10}});
  EXPECT_EQ(verified.verified->report.effects_each, 3U);
  expect_only_these_fail(verified, {});
  EXPECT_EQ(verified.property(4).verdict, PropertyVerdict::kPass);
}

TEST(Verification, OraclesThatDisagreeAreTold) {
  MadePlan made = made_plan({});
  add_oracle(made);
  add_oracle(made, 2);
  const VerifiedPlan verified = verify_plan(made, {.only = {1}});
  ASSERT_TRUE(verified.verified);
  EXPECT_GT(verified.verified->report.disagreement_count, 0U);
  EXPECT_THAT(verified.verified->report.disagreements.front(),
              HasSubstr("books1 counts 1, books2 counts 2"));
}

TEST(Verification, ATotalThatAgreesAndOneThatDoesNot) {
  for (const std::uint64_t factor : {1U, 2U}) {
    MadePlan made = made_plan({});
    add_oracle(made);
    add_oracle<TotalOracle>(made, factor);
    const VerifiedPlan verified = verify_plan(made, {.only = {1, 10}});
    ASSERT_TRUE(verified.verified);
    EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kPass) << "the first one decides";
    EXPECT_EQ(verified.verified->report.disagreement_count, factor - 1);
    if (factor == 2) {
      EXPECT_THAT(verified.verified->report.disagreements.front(),
                  HasSubstr("all operations together: books1 counts "));
    }
  }
}

TEST(Verification, ATotalAloneDecidesOneTrialAtATime) {
  MadePlan made = made_plan({});
  made.plan.effects.settle = std::chrono::milliseconds(2);
  add_oracle<TotalOracle>(made, 3);
  const VerifiedPlan sound = verify_plan(made, {.only = {1, 4, 10, 13}});
  ASSERT_TRUE(sound.verified) << sound.problem;
  EXPECT_EQ(sound.verified->report.effects_each, 3U);
  EXPECT_EQ(sound.verified->report.oracle_problem, "");
  expect_only_these_fail(sound, {});
  EXPECT_EQ(sound.property(1).verdict, PropertyVerdict::kPass);
  EXPECT_EQ(sound.property(4).verdict, PropertyVerdict::kPass);
}

TEST(Verification, ATotalAloneShowsWhichTrialHadTooMany) {
  MadePlan made = made_plan({.knows_keys = false});
  made.plan.idempotency = [] {
    model::IdempotencyPlan idempotency = made_idempotency();
    idempotency.id.reset();  // answers name nothing: only the total can tell
    idempotency.read.reset();
    return std::make_shared<const model::IdempotencyPlan>(std::move(idempotency));
  }();
  made.plan.effects.settle = std::chrono::milliseconds(2);
  add_oracle<TotalOracle>(made);
  const VerifiedPlan broken = verify_plan(made, {.only = {1}});
  ASSERT_TRUE(broken.verified) << broken.problem;
  const model::PropertyResult& replay = broken.property(1);
  EXPECT_EQ(replay.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(replay.harm, model::PropertyHarm::kEffects);
  EXPECT_EQ(replay.broken, replay.trials);
  EXPECT_THAT(replay.summary, HasSubstr("where at most 1 may be"));
  ASSERT_FALSE(replay.cases.empty());
  EXPECT_TRUE(replay.cases.front().counted);
  EXPECT_GE(replay.cases.front().effects, 2U);
}

// Answers nothing after its first reading.
class SilentOracle final : public model::Oracle {
 public:
  SilentOracle(const PaymentsApi& /*api*/, std::uint64_t /*factor*/) {}
  Result<void> start(const model::OracleContext& /*context*/) override { return {}; }
  Result<model::OracleReading> read(std::span<const std::string> /*keys*/,
                                    Duration /*budget*/) override {
    return fail(ErrorCode::kNotFound, "the table is gone");
  }
};

TEST(Verification, ASecondOracleThatCannotAnswerIsTold) {
  MadePlan made = made_plan({});
  add_oracle(made);
  add_oracle<SilentOracle>(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {1}});
  ASSERT_TRUE(verified.verified);
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kPass);
  EXPECT_THAT(verified.verified->report.unanswered,
              ::testing::ElementsAre("books2: the table is gone"));
}

TEST(Verification, ATargetThatLimitsTheRateIsAskedAgain) {
  MadePlan made = made_plan({.limited_every = 25});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {1, 7, 10}});
  expect_only_these_fail(verified, {});
  EXPECT_EQ(verified.property(1).trials, 5U);
}

TEST(Verification, WhatCannotBeTriedSaysWhy) {
  model::IdempotencyPlan idempotency = made_idempotency();
  idempotency.window = std::chrono::hours(24);
  idempotency.clock = "shop";
  const VerifiedPlan verified = verify_plan(made_plan({}, idempotency), {.only = {21}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(21).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(verified.property(21).summary, HasSubstr("there is no such thing"));
}

TEST(Verification, AnOperationThatIsNotTakenEndsIt) {
  model::IdempotencyPlan idempotency = made_idempotency();
  idempotency.operation = made_request("POST", "/payments", R"({"amount":-5,"token":"{{token}}"})");
  const VerifiedPlan verified = verify_plan(made_plan({}, idempotency));
  EXPECT_FALSE(verified.verified);
  EXPECT_THAT(verified.problem, HasSubstr("POST /payments was answered with status 422, expected"));
}

TEST(Verification, LearnsTheDialect) {
  model::IdempotencyPlan idempotency = made_idempotency();
  idempotency.profile = {};
  idempotency.learns = true;
  MadePlan made = made_plan({}, idempotency);
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made);
  ASSERT_TRUE(verified.verified) << verified.problem;
  const model::IdempotencyProfile& learned = verified.verified->learned;
  EXPECT_EQ(learned.quoted, std::optional(false));
  EXPECT_EQ(learned.required, std::optional(true));
  EXPECT_EQ(learned.mismatch, std::optional(model::MismatchMode::kReject));
  EXPECT_THAT(learned.mismatch_status, testing::ElementsAre(422));
  EXPECT_EQ(learned.in_flight, std::optional(model::InFlightMode::kReject));
  EXPECT_THAT(learned.in_flight_status, testing::ElementsAre(409));
  EXPECT_EQ(learned.stores_2xx, std::optional(true));
  EXPECT_EQ(learned.stores_4xx, std::optional(false));
  ASSERT_TRUE(learned.marker);
  EXPECT_EQ(learned.marker->header, "Idempotent-Replayed");
  EXPECT_EQ(learned.by_caller, std::optional(true));
}

}  // namespace
}  // namespace squall::verify
