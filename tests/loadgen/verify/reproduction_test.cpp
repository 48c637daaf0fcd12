// Reproducers of an API that is wrong in a known way: found, made small, and tried with curl.
#include "loadgen/verify/reproduction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/effects/command.hpp"
#include "loadgen/effects/counts_by_hand.hpp"
#include "tests/loadgen/verify/payments_plan.hpp"

namespace squall::verify {
namespace {

using model::PropertyResult;
using model::PropertyVerdict;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

VerificationOptions reproducing(std::set<unsigned> only) {
  VerificationOptions options{.only = std::move(only), .rounds = 4};
  options.reproduction.tries_it = true;
  options.reproduction.trying = std::chrono::seconds(2);
  return options;
}

// Looks keys up first and inserts them when the work is done; slow enough for curl to come in
// between, however slow the machine.
Habits check_then_insert() {
  return {.claims = false, .takes = std::chrono::milliseconds(100)};
}

TEST(ReproductionTest, ARepeatedRequestBecomesAScriptThatHits) {
  MadePlan made = made_plan({.knows_keys = false});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, reproducing({1}));
  ASSERT_TRUE(verified.verified) << verified.problem;
  const PropertyResult& property = verified.property(1);
  EXPECT_EQ(property.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(property.reproducer, "sh DIR/findings/idempotency-1-replay-after-completion.sh");
  EXPECT_GT(property.reproducer_tries, 0U);
  EXPECT_EQ(property.reproduced, property.reproducer_tries);
  EXPECT_THAT(property.evidence, Contains(HasSubstr("1 request, then 1 request")));
  EXPECT_THAT(property.script, StartsWith("#!/bin/sh\n"));
}

TEST(ReproductionTest, TwinsAreMadeTwoAndNoLongerHeldBack) {
  model::IdempotencyPlan idempotency = made_idempotency();
  idempotency.barriers = {5};
  MadePlan made = made_plan(check_then_insert(), idempotency);
  add_oracle(made);
  VerificationOptions options = reproducing({4});
  options.rounds = 2;
  const VerifiedPlan verified = verify_plan(made, options);
  ASSERT_TRUE(verified.verified) << verified.problem;
  const PropertyResult& property = verified.property(4);
  EXPECT_EQ(property.verdict, PropertyVerdict::kFail);
  // Any two of them at once are enough, without a barrier and without the retry.
  EXPECT_THAT(property.evidence,
              Contains(StartsWith("the least case that breaks: 2 requests together (2 of ")));
  EXPECT_THAT(property.script, HasSubstr(" &\n  wait\n"));
  EXPECT_GT(property.reproduced, 0U);
}

// An operation has three effects there, and one resource, which is what a shell can count here.
TEST(ReproductionTest, ResourcesAreCountedByTheOperation) {
  MadePlan made = made_plan({.knows_keys = false});
  add_oracle(made, 3);
  const PropertyResult property = verify_plan(made, reproducing({1})).property(1);
  EXPECT_EQ(property.verdict, PropertyVerdict::kFail);
  EXPECT_THAT(property.reproducer, StartsWith("sh DIR/findings/"));
  EXPECT_EQ(property.reproduced, property.reproducer_tries);
}

TEST(ReproductionTest, TriesThatThereWasNoTimeForAreNotCounted) {
  MadePlan made = made_plan({.knows_keys = false});
  add_oracle(made);
  VerificationOptions options = reproducing({1});
  options.reproduction.minimising = Duration::zero();
  const VerifiedPlan verified = verify_plan(made, options);
  EXPECT_THAT(verified.property(1).evidence, Contains(HasSubstr("did not break again in 0 tries")));
}

TEST(ReproductionTest, NothingIsTriedUnlessAsked) {
  MadePlan made = made_plan({.knows_keys = false});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {1}, .rounds = 4});
  const PropertyResult& property = verified.property(1);
  EXPECT_THAT(property.script, Not(IsEmpty()));
  EXPECT_EQ(property.reproducer_tries, 0U);
}

TEST(ReproductionTest, AKeptPropertyHasNone) {
  MadePlan made = made_plan({});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, reproducing({1}));
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kPass);
  EXPECT_THAT(verified.property(1).reproducer, IsEmpty());
  EXPECT_THAT(verified.property(1).script, IsEmpty());
}

TEST(ReproductionTest, AKeyThatStaysInUseIsReplayedBySquall) {
  MadePlan made = made_plan({.releases = false});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, reproducing({6}));
  const PropertyResult& property = verified.property(6);
  EXPECT_EQ(property.harm, model::PropertyHarm::kStuck);
  EXPECT_EQ(property.reproducer, "squall replay DIR --property 6");
  EXPECT_THAT(property.script, IsEmpty());
  EXPECT_EQ(property.reproduced, property.broken);
  EXPECT_EQ(property.reproducer_tries, property.trials);
}

// The script alone, as a person runs it.
effects::CommandResult run_by_hand(
    const std::string& script, std::vector<std::string> arguments,
    std::vector<std::pair<std::string, std::string>> environment = {}) {
  effects::Command command;
  command.arguments = {"sh", "-c", script, "sh"};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.environment = std::move(environment);
  command.timeout = std::chrono::seconds(30);
  auto ended = effects::run_command(command);
  EXPECT_TRUE(ended) << to_string(ended.error());
  return ended ? *ended : effects::CommandResult{};
}

TEST(ReproductionTest, TheScriptHitsADefectAndNothingElse) {
  MadePlan wrong = made_plan({.knows_keys = false});
  add_oracle(wrong);
  const std::string script = verify_plan(wrong, {.only = {1}, .rounds = 4}).property(1).script;
  const effects::CommandResult hit = run_by_hand(script, {"3"});
  EXPECT_EQ(hit.exit_status, 1);
  EXPECT_THAT(hit.output, ::testing::EndsWith("hit 3 of 3\n"));
  EXPECT_THAT(hit.output, HasSubstr("try 2: 2 effects where at most 1 may be, HIT\n"));
  EXPECT_THAT(hit.errors, IsEmpty());

  const MadePlan right = made_plan({});
  const std::string there = "http://127.0.0.1:" + std::to_string(right.api->port());
  const effects::CommandResult missed = run_by_hand(script, {"3"}, {{"URL_API", there}});
  EXPECT_EQ(missed.exit_status, 0) << missed.errors;
  EXPECT_THAT(missed.output, ::testing::EndsWith("hit 0 of 3\n"));
  // Fresh keys each time: three operations, each of them once.
  EXPECT_EQ(right.api->effects().size(), 3U);
}

struct Given {
  const char* name;
  unsigned property;
  Habits habits;
  const char* sign;
};

class AnswersThatTell : public ::testing::TestWithParam<Given> {};

// No oracle is needed to see them.
TEST_P(AnswersThatTell, BecomeAScriptThatHitsTheDefectAndNothingElse) {
  const MadePlan wrong = made_plan(GetParam().habits);
  const VerifiedPlan verified = verify_plan(wrong, reproducing({GetParam().property}));
  const PropertyResult& property = verified.property(GetParam().property);
  EXPECT_EQ(property.verdict, PropertyVerdict::kFail);
  EXPECT_THAT(property.reproducer, StartsWith("sh DIR/findings/"));
  EXPECT_GT(property.reproducer_tries, 0U);
  EXPECT_EQ(property.reproduced, property.reproducer_tries);
  const effects::CommandResult hit = run_by_hand(property.script, {"3"});
  EXPECT_EQ(hit.exit_status, 1) << hit.errors;
  EXPECT_THAT(hit.output, ::testing::EndsWith("hit 3 of 3\n"));
  EXPECT_THAT(hit.output, HasSubstr(std::string("HIT: ") + GetParam().sign));

  const MadePlan right = made_plan({});
  const std::string there = "http://127.0.0.1:" + std::to_string(right.api->port());
  const effects::CommandResult missed = run_by_hand(property.script, {"3"}, {{"URL_API", there}});
  EXPECT_EQ(missed.exit_status, 0) << missed.errors;
  EXPECT_THAT(missed.output, ::testing::EndsWith("hit 0 of 3\n"));
}

INSTANTIATE_TEST_SUITE_P(
    ReproductionTest, AnswersThatTell,
    ::testing::Values(Given{"OfAnotherCaller",
                            13,
                            {.by_caller = false},
                            "the second names the resource of the first"},
                      Given{"OfAnotherEndpoint",
                            14,
                            {.by_endpoint = false, .compares_payloads = false},
                            "the second says what the first one said"},
                      Given{
                          "SilentSuccess", 7, {.compares_payloads = false}, "both are successes"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(ReproductionTest, SecretsAreVariablesOfTheEnvironment) {
  MadePlan made = made_plan({.knows_keys = false});
  add_oracle(made);
  made.plan.secrets = {"Bearer alice"};
  made.plan.effective_text = "Authorization = \"${env:SQUALL_TEST_ALICE}\"";
  VerificationOptions options{.only = {1}, .rounds = 4};
  options.reproduction.environment = [](const std::string& name) {
    return name == "SQUALL_TEST_ALICE" ? std::optional<std::string>("Bearer alice") : std::nullopt;
  };
  const std::string script = verify_plan(made, options).property(1).script;
  EXPECT_THAT(script, HasSubstr("\"$SQUALL_TEST_ALICE\""));
  EXPECT_THAT(script, Not(HasSubstr("Bearer alice")));
  const effects::CommandResult without = run_by_hand(script, {"1"});
  EXPECT_EQ(without.exit_status, 2);
  EXPECT_THAT(without.errors, HasSubstr("SQUALL_TEST_ALICE"));
  EXPECT_EQ(run_by_hand(script, {"1"}, {{"SQUALL_TEST_ALICE", "Bearer alice"}}).exit_status, 1);
}

TEST(ReproductionTest, ASecretThatNoVariableHoldsMakesNoScript) {
  MadePlan made = made_plan({.knows_keys = false});
  add_oracle(made);
  made.plan.secrets = {"Bearer alice"};
  const VerifiedPlan verified = verify_plan(made, {.only = {1}, .rounds = 4});
  EXPECT_THAT(verified.property(1).script, IsEmpty());
  EXPECT_THAT(verified.property(1).evidence,
              Contains(HasSubstr("a secret that no environment variable holds")));
  EXPECT_EQ(verified.property(1).reproducer, "squall replay DIR --property 1");
}

}  // namespace
}  // namespace squall::verify
