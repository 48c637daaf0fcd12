// Property 27 against a sender of webhooks that is wrong in one way at a time, with the sink that
// plans have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "loadgen/effects/scripted_sink.hpp"
#include "loadgen/verify/verification.hpp"
#include "tests/loadgen/effects/oracle_case.hpp"
#include "tests/loadgen/verify/payments_plan.hpp"
#include "tests/support/event_sender.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::verify {
namespace {

using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;
using testing::Contains;
using testing::HasSubstr;

struct StartedSink {
  std::uint16_t port = 0;
  std::shared_ptr<model::Oracle> oracle;
};

StartedSink started_sink(const std::string& keys) {
  // A port that was free a moment ago; the next one is taken when another program was quicker.
  for (int attempt = 0; attempt < 20; ++attempt) {
    StartedSink sink;
    sink.port = test::RefusedPort().port();
    auto compiled = effects::compile("sink", keys + "\nport = " + std::to_string(sink.port));
    EXPECT_EQ(compiled.problems, "");
    sink.oracle = std::move(compiled.oracle);
    if (sink.oracle->start({}).has_value()) {
      return sink;
    }
  }
  ADD_FAILURE() << "no port for a sink";
  return {};
}

model::IdempotencyPlan producer_plan() {
  model::IdempotencyPlan idempotency;
  idempotency.operation = made_request("POST", "/payments", R"({"token":"{{token}}"})");
  idempotency.id = *expr::parse_extraction("id", "json /id");
  model::WebhookProducer producer;
  producer.sink = "hooks";
  producer.within = std::chrono::milliseconds(800);
  producer.outage = std::chrono::milliseconds(150);
  producer.signed_at = "Webhook-Timestamp";
  idempotency.producer = producer;
  idempotency.restart = {"sender"};
  idempotency.rounds = 12;
  idempotency.barriers = {2};
  return idempotency;
}

constexpr const char* kSink = "key = 'json /token'\nid = 'header Webhook-Id'\nfail_status = 500";

VerifiedPlan sent_with(const SenderHabits& habits,
                       model::IdempotencyPlan idempotency = producer_plan(),
                       const std::string& keys = kSink) {
  const StartedSink sink = started_sink(keys);
  EventSender sender(habits, "http://127.0.0.1:" + std::to_string(sink.port) + "/hooks");
  MadePlan made = made_plan({}, std::move(idempotency));
  made.plan.targets.front().replicas = {
      *model::parse_endpoint("http://127.0.0.1:" + std::to_string(sender.port()))};
  add_oracle(made, sink.oracle);
  made.plan.effects.oracles.back().name = "hooks";
  CrashingWorld world("sender", [&sender] { sender.crash(); });
  return verify_plan(made, {.only = {27}}, all_properties(), &world);
}

TEST(WebhookProducer, WhatIsRepeatedUntilItIsTakenKeepsThePromise) {
  const VerifiedPlan verified = sent_with({});
  ASSERT_TRUE(verified.verified) << verified.problem;
  const PropertyResult& producer = verified.property(27);
  EXPECT_EQ(producer.verdict, PropertyVerdict::kPass) << producer.summary;
  EXPECT_EQ(producer.trials, 14U);  // 3 plain, 6 failed in some way, 5 with a crash
  EXPECT_THAT(producer.provocation, HasSubstr("the target killed while it was down"));
  EXPECT_THAT(producer.evidence, Contains(HasSubstr("calls came to hooks")));
}

TEST(WebhookProducer, WhatIsSentOnceIsLost) {
  const VerifiedPlan verified = sent_with({.attempts = 1});
  const PropertyResult& producer = verified.property(27);
  EXPECT_EQ(producer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(producer.harm, PropertyHarm::kEffects);
  EXPECT_THAT(producer.summary, HasSubstr("a webhook is lost: hooks failed it once"));
  // What was failed, read in silence, reset, and failed first of all. The others may have been sent
  // when the sink was well again.
  EXPECT_GE(producer.broken, 4U) << producer.summary;
  ASSERT_FALSE(producer.cases.empty());
  EXPECT_THAT(producer.cases.front().acts.front().text, HasSubstr("comes to hooks: failed"));
  EXPECT_EQ(producer.reproducer, "squall replay DIR --property 27");
}

TEST(WebhookProducer, WhatACrashForgetsIsLost) {
  const VerifiedPlan verified = sent_with({.durable = false});
  const PropertyResult& producer = verified.property(27);
  EXPECT_EQ(producer.verdict, PropertyVerdict::kFail);
  // All of 5 but the one that may have been on its way.
  EXPECT_GE(producer.broken, 4U) << producer.summary;
  EXPECT_LE(producer.broken, 5U);
  ASSERT_FALSE(producer.cases.empty());
  EXPECT_THAT(producer.cases.front().acts,
              Contains(testing::Field(&model::PropertyAct::text, "sender is killed")));
}

TEST(WebhookProducer, RepetitionsWithAnotherIdAreOtherEvents) {
  const VerifiedPlan verified = sent_with({.same_id = false});
  const PropertyResult& producer = verified.property(27);
  EXPECT_EQ(producer.verdict, PropertyVerdict::kFail);
  EXPECT_EQ(producer.harm, PropertyHarm::kEffects);
}

TEST(WebhookProducer, RepetitionsWithAnOldSignatureWarn) {
  model::IdempotencyPlan idempotency = producer_plan();
  idempotency.restart.clear();
  idempotency.producer->outage = std::chrono::milliseconds(2300);
  const VerifiedPlan stale = sent_with({.signs_anew = false}, idempotency);
  EXPECT_EQ(stale.property(27).verdict, PropertyVerdict::kWarn) << stale.property(27).summary;
  EXPECT_THAT(stale.property(27).summary, HasSubstr("the old time in Webhook-Timestamp"));
}

TEST(WebhookProducer, TwoEventsOfAnOperationAreBothWaitedFor) {
  model::IdempotencyPlan idempotency = producer_plan();
  idempotency.restart.clear();
  EXPECT_EQ(sent_with({.twice = true}, idempotency).property(27).verdict, PropertyVerdict::kPass);
  EXPECT_EQ(sent_with({.attempts = 1, .twice = true}, idempotency).property(27).verdict,
            PropertyVerdict::kFail);
}

TEST(WebhookProducer, WithoutAnyWebhookNothingIsTested) {
  const VerifiedPlan verified = sent_with({.sends = false});
  EXPECT_EQ(verified.property(27).verdict, PropertyVerdict::kNotTested);
  EXPECT_THAT(verified.property(27).summary, HasSubstr("no webhook of 3 operations came to hooks"));
}

TEST(WebhookProducer, SaysWhatItCouldNotJudge) {
  model::IdempotencyPlan idempotency = producer_plan();
  idempotency.restart.clear();
  idempotency.producer->signed_at.clear();
  const VerifiedPlan verified = sent_with({.same_id = false}, idempotency, "key = 'json /token'");
  EXPECT_EQ(verified.property(27).verdict, PropertyVerdict::kPass);
  EXPECT_THAT(verified.property(27).evidence, Contains(HasSubstr("`id` of the sink")));
  EXPECT_THAT(verified.property(27).evidence, Contains(HasSubstr("producer.signed_at")));
  EXPECT_THAT(verified.property(27).evidence, Contains(HasSubstr("idempotency.restart")));
}

}  // namespace
}  // namespace squall::verify
