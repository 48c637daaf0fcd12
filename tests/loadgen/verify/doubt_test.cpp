// What proves nothing accuses nobody, and what was not looked at does not pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/verify/after_failure.hpp"
#include "loadgen/verify/in_flight.hpp"
#include "loadgen/verify/judge.hpp"
#include "loadgen/verify/lab.hpp"
#include "loadgen/verify/repeat.hpp"
#include "tests/loadgen/verify/payments_plan.hpp"

namespace squall::verify {
namespace {

using model::PropertyHarm;
using model::PropertyVerdict;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

using TestFunction = void (*)(Lab& lab, PropertyTest& test);

void add_property(PropertyRegistry& registry, unsigned number, std::string_view name,
                  TestFunction function) {
  registry.add({.name = name,
                .number = number,
                .title = "Made",
                .provocation = "tried",
                .promise = "Nothing is wrong.",
                .lacks = [](const model::Plan&) { return std::string(); },
                .test = function});
}

// Number 1 and nothing else.
PropertyRegistry only_property(TestFunction function) {
  PropertyRegistry registry;
  add_property(registry, 1, "made", function);
  return registry;
}

void change_plan(MadePlan& made, const std::function<void(model::IdempotencyPlan&)>& change) {
  model::IdempotencyPlan idempotency = *made.plan.idempotency;
  change(idempotency);
  made.plan.idempotency = std::make_shared<const model::IdempotencyPlan>(std::move(idempotency));
}

run::StopSignal& raised_in_a_trial() {
  static run::StopSignal stop;
  return stop;
}

TEST(Doubt, AStopIsNoKeyThatStaysUnusable) {
  MadePlan made = made_plan({.releases = false});
  change_plan(made, [](auto& plan) { plan.lock_time = std::chrono::hours(1); });
  add_oracle(made);
  const PropertyRegistry registry = only_property([](Lab& lab, PropertyTest& test) {
    test.rounds(3, [&](Trial& trial) {
      Shot shot = lab.shot(lab.new_operation());
      trial.expect(shot.operation);
      shot.barrier = 0;
      const std::vector<Shot> twins(2, shot);
      lab.play(trial, twins);  // the loser's 409 stays for ever
      raised_in_a_trial().raise(SIGINT);
      shot.barrier.reset();
      repeat_until_done(lab, trial, shot);
    });
  });
  raised_in_a_trial().raise(0);  // by an earlier repetition of this test
  NoWorld world;
  const VerifiedPlan verified =
      verify_amid({.world = world, .stop = raised_in_a_trial()}, made, {}, registry);
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kNotTested)
      << verified.property(1).summary;
  EXPECT_EQ(verified.verified->report.oracle_problem, "");
}

TEST(Doubt, ARepetitionIsTheSameToTheByteWhateverTheTemplateMakesUp) {
  MadePlan made = made_plan({});
  change_plan(made, [](auto& plan) {
    plan.operation =
        made_request("POST", "/payments",
                     R"({"amount":1999,"order":"{{seq}}","at":"{{now}}","token":"{{token}}"})");
  });
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {1, 2, 4, 10}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  for (const unsigned number : {1U, 2U, 4U, 10U}) {
    EXPECT_EQ(verified.property(number).verdict, PropertyVerdict::kPass)
        << number << ": " << verified.property(number).summary;
  }
}

void answer_all_alike(model::IdempotencyPlan& plan) {
  plan.id.reset();
  plan.read.reset();
}

TEST(Doubt, AnswersThatAreAlwaysAlikeAreNobodyElses) {
  MadePlan made = made_plan({.names_resources = false});
  change_plan(made, answer_all_alike);
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {13, 14}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(13).verdict, PropertyVerdict::kPass) << verified.property(13).summary;
  EXPECT_THAT(verified.property(13).evidence, Contains(HasSubstr("only effects show")));
  EXPECT_EQ(verified.property(14).verdict, PropertyVerdict::kPass) << verified.property(14).summary;
}

TEST(Doubt, AKeyThatIsSharedShowsByItsEffectsWhereAnswersAreAlike) {
  MadePlan made = made_plan({.by_caller = false, .names_resources = false});
  change_plan(made, answer_all_alike);
  change_plan(made, [](auto& plan) { plan.profile = {}; });
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {13}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(13).verdict, PropertyVerdict::kFail);
  EXPECT_EQ(verified.property(13).harm, PropertyHarm::kEffects);
}

TEST(Doubt, ARetryThatOvertakesIsTheWinner) {
  MadePlan made = made_plan({.overtaken_from = 24});  // behind the control group
  change_plan(made, [](auto& plan) {
    plan.profile.in_flight = model::InFlightMode::kReject;
    plan.profile.in_flight_status = {409};
  });
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {5}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(5).verdict, PropertyVerdict::kPass) << verified.property(5).summary;
}

// Everything can be slowed down, and nothing takes longer for it.
class IdleWorld final : public NoWorld {
 public:
  Result<void> slow(const std::string&, Duration) override { return {}; }
  Result<void> heal(const std::string&) override { return {}; }
};

TEST(Doubt, ADependencyThatIsNotWaitedForDoesNotHideARace) {
  MadePlan made = made_plan({.claims = false, .takes = std::chrono::milliseconds(15)});
  change_plan(made, [](auto& plan) { plan.dependencies = {"mail"}; });
  add_oracle(made);
  IdleWorld world;
  const run::StopSignal stop;
  const VerifiedPlan verified = verify_amid({.world = world, .stop = stop}, made, {.only = {5}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(5).verdict, PropertyVerdict::kFail) << verified.property(5).summary;
  EXPECT_THAT(verified.property(5).evidence, Contains("the operation does not wait for mail"));
}

TEST(Doubt, NoOverlapIsNoPass) {
  MadePlan made = made_plan({});
  add_oracle(made);
  const PropertyRegistry registry = only_property([](Lab& lab, PropertyTest& test) {
    static const model::BodyChange kNowhere{"/no/such/place", "1"};
    InFlight in_flight(lab, test);
    Trial trial;
    const Shot second = lab.shot(lab.new_operation());
    Shot first = second;
    first.edit.change = &kNowhere;  // it is never sent
    (void)in_flight.play(trial, first, second, 0);
    in_flight.conclude();
  });
  const VerifiedPlan verified = verify_plan(made, {}, registry);
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(verified.property(1).summary, HasSubstr("no second request came"));
}

TEST(Doubt, WarningsNeedNoOracle) {
  MadePlan made = made_plan({.frozen = false});
  change_plan(made, [](auto& plan) {
    plan.profile = {};
    plan.id.reset();
    plan.read.reset();
  });
  const VerifiedPlan verified = verify_plan(made, {.only = {1}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kWarn) << verified.property(1).summary;
  EXPECT_EQ(verified.property(1).broken, verified.property(1).trials);
}

TEST(Doubt, WhatWasSeenToBreakIsNotUntested) {
  MadePlan made = made_plan({});
  add_oracle(made);
  const PropertyRegistry registry = only_property([](Lab& lab, PropertyTest& test) {
    test.rounds(1, [&](Trial& trial) {
      const Shot shot = lab.shot(lab.new_operation());
      trial.expect(shot.operation, 0, 0);
      lab.play(trial, shot);
    });
    test.not_tested("the rest could not be tried");
  });
  const VerifiedPlan verified = verify_plan(made, {}, registry);
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kFail);
}

TEST(Doubt, TheSummaryIsOfWhatIsGravest) {
  MadePlan made = made_plan({.by_caller = false});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {13}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  const model::PropertyResult& property = verified.property(13);
  EXPECT_EQ(property.harm, PropertyHarm::kLeak);
  EXPECT_EQ(property.broken, 5U);  // a payload of bob's own is refused, which is no leak
  EXPECT_EQ(property.summary, "2 of 5: bob is given the answer of alice");
}

// Shows each effect twice from some moment on.
class LateOracle final : public model::Oracle {
 public:
  LateOracle(const PaymentsApi& api, const bool& late) : api_(api), late_(late) {}
  Result<void> start(const model::OracleContext& /*context*/) override { return {}; }
  Result<model::OracleReading> read(std::span<const std::string> /*keys*/,
                                    Duration /*budget*/) override {
    model::OracleReading reading;
    reading.counts = api_.effects();
    for (auto& [token, count] : reading.counts) {
      count *= late_ ? 2 : 1;
    }
    return reading;
  }

 private:
  const PaymentsApi& api_;
  const bool& late_;
};

TEST(Doubt, EffectsThatComeLateToTheControlGroupTooAccuseNobody) {
  MadePlan made = made_plan({});
  bool late = false;
  add_oracle(made, std::make_shared<LateOracle>(*made.api, late));
  NoWorld world;
  const run::StopSignal stop;
  const VerifiedPlan verified = verify_amid(
      {.world = world,
       .stop = stop,
       .progress = [&](std::string_view text) { late = late || text == "all effects once more"; }},
      made, {.only = {1}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  ASSERT_TRUE(late);
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kPass) << verified.property(1).summary;
  EXPECT_THAT(verified.verified->report.oracle_problem, HasSubstr("effects.settle is too short"));
}

TEST(Doubt, EffectsThatComeLateAtAnotherOracleAreSeen) {
  MadePlan made = made_plan({});
  const PropertyRegistry registry = only_property([](Lab& lab, PropertyTest& test) {
    const Operation operation = lab.new_operation();
    test.trials().emplace_back().expect(operation);
    EffectCount::Counts counts;
    counts.effects[operation.token] = 1;
    counts.elsewhere.push_back({{operation.token, 1}});
    EXPECT_EQ(enter_counts(test, counts), 0U);
    EXPECT_EQ(enter_counts(test, counts), 0U);
    counts.elsewhere.front()[operation.token] = 2;
    EXPECT_EQ(enter_counts(test, counts), 1U);
    EXPECT_EQ(test.trials().front().expectations().front().elsewhere.front(), 2U);
  });
  ASSERT_TRUE(verify_plan(made, {}, registry).verified);
}

TEST(Doubt, ARequestWithoutAKeyThatEndsInA500MayHaveBeenDone) {
  MadePlan made = made_plan({.breaks_without_key = true});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {11}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(11).verdict, PropertyVerdict::kWarn) << verified.property(11).summary;
}

TEST(Doubt, AReadingThatFailsShowsNoChange) {
  MadePlan made = made_plan({.reads_fail_every = 7});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {7}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(7).verdict, PropertyVerdict::kPass) << verified.property(7).summary;
  EXPECT_EQ(verified.property(7).trials, 5U);
}

// A proxy that sees one call of each operation, and one more whenever it fails.
class CalledWorld final : public NoWorld {
 public:
  explicit CalledWorld(const PaymentsApi& api) : api_(api) {}
  Result<void> fail(const std::string&) override {
    calls_.push_back(call());
    return {};
  }
  Result<void> lose_answers(const std::string& proxy) override { return fail(proxy); }
  Result<void> heal(const std::string&) override { return {}; }
  [[nodiscard]] std::optional<std::uint64_t> touched(const std::string&) override { return 1; }
  [[nodiscard]] model::TakenExchanges take_exchanges() override {
    for (; seen_ < api_.effects().size(); ++seen_) {
      calls_.push_back(call());
    }
    return {.exchanges = std::exchange(calls_, {})};
  }

 private:
  model::ProxyExchange call() {
    model::ProxyExchange exchange;
    exchange.proxy = "psp";
    exchange.method = "POST";
    exchange.path = "/charges";
    exchange.executed = true;
    exchange.key = ++key_;
    return exchange;
  }

  const PaymentsApi& api_;
  std::vector<model::ProxyExchange> calls_;
  std::size_t seen_ = 0;
  std::uint64_t key_ = 0;
};

// Behind the control group's 20 operations and 3 readings, and one whose calls are learnt.
TEST(Doubt, CallsOfAnotherOperationAreNotThoseOfAKeyThatIsUnusable) {
  MadePlan made = made_plan({.poisons = 25});
  change_plan(made, [](auto& plan) { plan.dependencies = {"psp"}; });
  add_oracle(made);
  CalledWorld world(*made.api);
  const VerifiedPlan verified = verify_plan(made, {.only = {18}}, all_properties(), &world);
  ASSERT_TRUE(verified.verified) << verified.problem;
  const model::PropertyResult& property = verified.property(18);
  ASSERT_FALSE(property.cases.empty());
  EXPECT_THAT(property.cases.front().problem,
              HasSubstr("the key stays unusable: still status 500"));
}

TEST(Doubt, AFewKeysThatStayUnusableAreEnough) {
  MadePlan made = made_plan({.releases = false});
  change_plan(made, [](auto& plan) { plan.lock_time = std::chrono::milliseconds(20); });
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {4}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(4).harm, PropertyHarm::kStuck);
  EXPECT_THAT(verified.property(4).evidence,
              Contains("ended after 3 of 12 rounds: 3 keys stayed unusable"));
}

TEST(Doubt, OneOperationThatIsNotTakenEndsNothing) {
  MadePlan made = made_plan({.fails_once = 3});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {1}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.verified->report.control_operations, 19U);
  EXPECT_EQ(verified.verified->report.effects_each, 1U);
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kPass);
}

TEST(Doubt, HalfOfASecretIsNotShown) {
  MadePlan made = made_plan({.knows_keys = false});
  const std::string secret(400, 'S');
  change_plan(made, [&](auto& plan) {
    // The request is shown up to 4096 bytes, which is somewhere in the secret.
    plan.operation = made_request(
        "POST", "/payments",
        R"({"amount":1999,"token":"{{token}}","pad":")" + std::string(3600, 'x') + secret + "\"}");
  });
  made.plan.secrets = {secret};
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {1}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  ASSERT_FALSE(verified.property(1).cases.empty());
  const std::string& shown = verified.property(1).cases.front().requests.front().request;
  EXPECT_THAT(shown, HasSubstr("xxxx"));
  EXPECT_THAT(shown, Not(HasSubstr("SSSS")));
}

// A trial whose second half could not be tried is repeated, and what its first half showed counts.
TEST(Doubt, WhatBrokeBeforeATrialWasSpoiltCounts) {
  const PropertyRegistry registry = only_property([](Lab& lab, PropertyTest& test) {
    unsigned round = 0;
    test.rounds(2, [&](Trial& trial) {
      const Shot shot = lab.shot(lab.new_operation());
      trial.expect(shot.operation, 0, round == 0 ? 0 : 1);
      lab.play(trial, std::span(&shot, 1));
      if (++round == 1) {
        trial.spoil("the clock cannot be set");
      }
    });
  });
  MadePlan made = made_plan({});
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {}, registry);
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kFail);
  EXPECT_EQ(verified.property(1).trials, 3U);
  EXPECT_THAT(verified.property(1).summary, HasSubstr("1 of 3: 1 effect where at most 0 may be"));
}

// The first one's answer is on its way while its key is free already: what a retry gets then is a
// replay, which a target that refuses retries in flight may give.
TEST(Doubt, AReplayThatCameWhenTheWorkWasDoneIsNoWaiting) {
  MadePlan made =
      made_plan({.takes = std::chrono::milliseconds(15), .lags = std::chrono::milliseconds(15)});
  change_plan(made, [](auto& plan) { plan.profile.in_flight = model::InFlightMode::kReject; });
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {5}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(5).verdict, PropertyVerdict::kPass) << verified.property(5).summary;
  EXPECT_THAT(verified.property(5).evidence, Contains(HasSubstr("when the work was done")));
  EXPECT_EQ(verified.verified->learned.in_flight, std::optional(model::InFlightMode::kReject));
  EXPECT_THAT(verified.verified->learned.in_flight_status, testing::ElementsAre(409));
}

TEST(Doubt, RetriesThatAreAllMadeToWaitAreNotRefused) {
  MadePlan made = made_plan({.blocks = true});
  change_plan(made, [](auto& plan) { plan.profile.in_flight = model::InFlightMode::kReject; });
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {5}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(5).verdict, PropertyVerdict::kFail);
  EXPECT_THAT(verified.property(5).summary, HasSubstr("(block), declared is reject"));
  EXPECT_EQ(verified.verified->learned.in_flight, std::optional(model::InFlightMode::kBlock));
  EXPECT_TRUE(verified.verified->learned.in_flight_status.empty());
}

TEST(Doubt, AReadingThatNeverShowsWhatWasMadeProvesNothing) {
  MadePlan made = made_plan({.compares_payloads = false});
  change_plan(made, [](auto& plan) { plan.read = made_request("GET", "/payment/none", ""); });
  add_oracle(made);
  const VerifiedPlan verified = verify_plan(made, {.only = {7}});
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(7).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(verified.property(7).summary, HasSubstr("is [idempotency.read] right?"));
}

std::unique_ptr<PaymentsApi>& api_that_dies() {
  static std::unique_ptr<PaymentsApi> api;
  return api;
}

TEST(Doubt, ATargetThatIsGoneEndsTheVerification) {
  MadePlan made = made_plan({});
  api_that_dies() = std::move(made.api);
  PropertyRegistry registry = only_property([](Lab& lab, PropertyTest& test) {
    test.rounds(3, [&](Trial& trial) {
      api_that_dies().reset();
      const Shot shot = lab.shot(lab.new_operation());
      trial.expect(shot.operation);
      repeat_until_done(lab, trial, shot);
    });
  });
  add_property(registry, 2, "next",
               [](Lab&, PropertyTest&) { ADD_FAILURE() << "there is nothing to test"; });
  change_plan(made, [](auto& plan) { plan.lock_time = std::chrono::hours(1); });
  const VerifiedPlan verified = verify_plan(made, {}, registry);
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kNotTested);
  EXPECT_EQ(verified.property(2).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(verified.property(2).summary, HasSubstr("refuses all connections"));
}

TEST(Doubt, ARetryAfterAFailureEndsWithItsTarget) {
  MadePlan made = made_plan({});
  api_that_dies() = std::move(made.api);
  const PropertyRegistry registry = only_property([](Lab& lab, PropertyTest& test) {
    test.rounds(3, [&](Trial& trial) {
      api_that_dies().reset();
      const Shot shot = lab.shot(lab.new_operation());
      trial.expect(shot.operation);
      EXPECT_EQ(retry_after_failure(lab, trial, shot, {}), RetryEnd::kOther);
    });
  });
  change_plan(made, [](auto& plan) { plan.lock_time = std::chrono::hours(1); });
  const VerifiedPlan verified = verify_plan(made, {}, registry);
  ASSERT_TRUE(verified.verified) << verified.problem;
  EXPECT_EQ(verified.property(1).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(verified.property(1).summary, HasSubstr("could not be sent"));
}

}  // namespace
}  // namespace squall::verify
