// Property 26 against a receiver of webhooks that is wrong in one way at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "loadgen/verify/verification.hpp"
#include "tests/loadgen/verify/payments_plan.hpp"
#include "tests/support/event_receiver.hpp"

namespace squall::verify {
namespace {

using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Knows = ReceiverHabits::Knows;
using Early = ReceiverHabits::Early;

// A plan about nothing but what the target receives.
model::IdempotencyPlan consumer_plan() {
  model::IdempotencyPlan idempotency;
  idempotency.has_operation = false;
  model::WebhookConsumer consumer;
  consumer.deliver =
      made_request("POST", "/events", R"({"id":"{{event}}","type":"made","token":"{{token}}"})");
  consumer.later =
      made_request("POST", "/events", R"({"id":"{{event}}","type":"changed","token":"{{token}}"})");
  consumer.deliver.target = 1;
  consumer.later->target = 1;
  idempotency.consumer = std::move(consumer);
  idempotency.callers = {0, 1};
  idempotency.restart = {"receiver"};
  idempotency.rounds = 12;
  idempotency.barriers = {2, 5};
  idempotency.lock_time = std::chrono::milliseconds(300);
  return idempotency;
}

struct Received {
  VerifiedPlan verified;
  [[nodiscard]] const PropertyResult& consumer() const { return verified.property(26); }
};

Received received_with(const ReceiverHabits& habits,
                       model::IdempotencyPlan idempotency = consumer_plan(),
                       const VerificationOptions& options = {.only = {26}}) {
  EventReceiver receiver(habits);
  MadePlan made = made_plan({}, std::move(idempotency));
  model::Target target = made.plan.targets.front();
  target.name = "receiver";
  target.replicas = {*model::parse_endpoint("http://127.0.0.1:" + std::to_string(receiver.port()))};
  made.plan.targets.push_back(std::move(target));
  add_oracle(made, std::make_shared<ReceiverOracle>(receiver));
  CrashingWorld world("receiver", [&receiver] { receiver.crash(); });
  return {verify_plan(made, options, all_properties(), &world)};
}

std::uint64_t acts_of(const PropertyResult& result) {
  std::uint64_t acts = 0;
  for (const model::PropertyCase& one : result.cases) {
    acts += one.acts.empty() ? 0U : 1U;
  }
  return acts;
}

TEST(WebhookConsumer, ATableOfEventsKeepsThePromise) {
  const Received received = received_with({});
  const PropertyResult& consumer = received.consumer();
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kPass) << consumer.summary;
  // 5 again, 12 at once, 5 out of order, 5 killed.
  EXPECT_EQ(consumer.trials, 27U);
  EXPECT_THAT(consumer.provocation, HasSubstr("2, 5 times at once"));
  EXPECT_THAT(consumer.provocation, HasSubstr("killed on the acknowledgement"));
  EXPECT_THAT(consumer.evidence, Not(Contains(HasSubstr("not tried"))));
}

TEST(WebhookConsumer, WithoutMemoryEachDeliveryCounts) {
  const Received received = received_with({.knows = Knows::kNothing});
  const PropertyResult& consumer = received.consumer();
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(consumer.harm, PropertyHarm::kEffects);
  EXPECT_THAT(consumer.summary, HasSubstr("2 effects where at most 1 may be"));
  // 5 again, 12 at once, 3 of the killed; the order does not matter to it.
  EXPECT_EQ(consumer.broken, 20U) << consumer.summary;
  ASSERT_FALSE(consumer.cases.empty());
  const model::PropertyCase& first = consumer.cases.front();
  ASSERT_EQ(first.requests.size(), 2U);
  EXPECT_EQ(first.requests[0].request, first.requests[1].request);
  EXPECT_THAT(first.requests[0].request, Not(HasSubstr("Idempotency-Key")));
  EXPECT_EQ(first.requests[0].caller, "");
  EXPECT_THAT(consumer.remedies, Not(IsEmpty()));
}

TEST(WebhookConsumer, AMemoryOfTheProcessFailsAfterARestartAlone) {
  const Received received = received_with({.knows = Knows::kProcess});
  const PropertyResult& consumer = received.consumer();
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(consumer.broken, 3U) << consumer.summary;
  EXPECT_EQ(acts_of(consumer), 3U);
  EXPECT_EQ(consumer.reproducer, "squall replay DIR --property 26");
}

TEST(WebhookConsumer, WhatIsAcknowledgedBeforeItIsKeptIsLost) {
  const Received received = received_with({.durable = false});
  const PropertyResult& consumer = received.consumer();
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(consumer.harm, PropertyHarm::kEffects);
  EXPECT_THAT(consumer.summary, HasSubstr("0 effects where at least 1 must be"));
  EXPECT_EQ(consumer.broken, 5U) << consumer.summary;
}

TEST(WebhookConsumer, AnEarlyEventThatIsBookedByItselfIsASecondEffect) {
  const Received received = received_with({.early = Early::kBooked});
  const PropertyResult& consumer = received.consumer();
  EXPECT_EQ(consumer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(consumer.broken, 5U) << consumer.summary;
}

TEST(WebhookConsumer, AnEarlyEventMayBeRefusedUntilItsTimeComes) {
  const Received received = received_with({.early = Early::kRefused});
  EXPECT_EQ(received.consumer().verdict, PropertyVerdict::kPass) << received.consumer().summary;
}

TEST(WebhookConsumer, ARepetitionThatIsRefusedForGoodWarns) {
  const Received received = received_with({.again_status = 422});
  EXPECT_EQ(received.consumer().verdict, PropertyVerdict::kWarn);
  EXPECT_THAT(received.consumer().summary, HasSubstr("refused for good: status 422"));
}

TEST(WebhookConsumer, ARepetitionThatIsNeverAcknowledgedFails) {
  model::IdempotencyPlan idempotency = consumer_plan();
  idempotency.lock_time = std::chrono::milliseconds(1);
  idempotency.restart.clear();
  const Received received = received_with({.again_status = 500}, idempotency);
  EXPECT_EQ(received.consumer().verdict, PropertyVerdict::kFail);
  EXPECT_EQ(received.consumer().harm, PropertyHarm::kStuck);
}

TEST(WebhookConsumer, SaysWhatItCouldNotTry) {
  model::IdempotencyPlan idempotency = consumer_plan();
  idempotency.restart.clear();
  idempotency.consumer->later.reset();
  const Received received = received_with({.knows = Knows::kProcess}, idempotency);
  EXPECT_EQ(received.consumer().verdict, PropertyVerdict::kPass);
  EXPECT_THAT(received.consumer().evidence, Contains(HasSubstr("idempotency.restart")));
  EXPECT_THAT(received.consumer().evidence, Contains(HasSubstr("[idempotency.consumer.later]")));
}

TEST(WebhookConsumer, AnEventIsRefusedThatIsDeliveredOnce) {
  model::IdempotencyPlan idempotency = consumer_plan();
  idempotency.consumer->deliver = made_request("POST", "/events", "{{event}} {{token}}");
  idempotency.consumer->deliver.target = 1;
  const Received received = received_with({}, idempotency);
  EXPECT_EQ(received.consumer().verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(received.consumer().summary, HasSubstr("delivered once: status 400"));
}

TEST(WebhookConsumer, OtherPropertiesLackAnOperation) {
  const Received received = received_with({}, consumer_plan(), {.only = {1, 13, 26, 28}});
  EXPECT_EQ(received.verified.with(PropertyVerdict::kNotTested), (std::set<unsigned>{1, 13, 28}));
  EXPECT_THAT(received.verified.property(13).needs, HasSubstr("[idempotency.operation]"));
  EXPECT_EQ(received.verified.verified->report.control_operations, 0U);
}

TEST(WebhookConsumer, ItsScriptDeliversTheSameEventAgain) {
  model::IdempotencyPlan idempotency = consumer_plan();
  idempotency.id = *expr::parse_extraction("id", "json /id");
  const Received received = received_with({.knows = Knows::kNothing}, idempotency);
  const std::string& script = received.consumer().script;
  EXPECT_THAT(script, HasSubstr("/events"));
  EXPECT_THAT(script, HasSubstr(R"("id":"'"$value_1"'")")) << script;
}

}  // namespace
}  // namespace squall::verify
