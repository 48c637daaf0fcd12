// [idempotency]: what is read, what follows from the profile, and plans that have no traffic of
// their own. What is refused stands in tests/plans_broken.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/plan/idempotency_request.hpp"
#include "loadgen/plan/shipped_profiles.hpp"
#include "tests/loadgen/plan/plan_fixture.hpp"
#include "tests/support/files.hpp"

namespace squall::plan {
namespace {

using namespace std::chrono_literals;
using model::IdempotencyPlan;
using model::KeyCarrier;
using test::World;

// A plan with callers, a service, two proxies and an oracle, and [idempotency] with `keys`, then
// `tables`.
std::string idempotency_plan(std::string_view keys = "", std::string_view tables = "") {
  return R"(format = 1
name = "charge"
[[service]]
name = "shop"
command = ["shop"]
[[proxy]]
name = "psp"
upstream = "127.0.0.1:9001"
[[proxy]]
name = "redis"
upstream = "127.0.0.1:9002"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:8080"]
[[target]]
name = "other"
urls = ["http://127.0.0.1:8081"]
[[caller]]
name = "alice"
headers = { Authorization = "Bearer a" }
[[caller]]
name = "bob"
headers = { Authorization = "Bearer b" }
[[effects.oracle]]
kind = "ear"
name = "hooks"
[idempotency]
)" + std::string(keys) +
         R"(
  [idempotency.operation]
  request = "POST /charges"
  json = { amount = 1999, memo = "{{token}}" }
)" + std::string(tables);
}

std::shared_ptr<const IdempotencyPlan> read(World& world, std::string_view keys = "",
                                            std::string_view tables = "") {
  const auto plan = world.plan(idempotency_plan(keys, tables));
  return plan != nullptr ? plan->idempotency : nullptr;
}

std::string body_of(const model::IdempotencyRequest& request) {
  const std::array<std::string, model::kIdempotencySlots> values{"T", "I", "V", "E"};
  std::string text;
  request.request.body->render({.extracted = values}, text);
  return text;
}

TEST(Idempotency, WhatIsReceivedNeedsNoOperation) {
  World world;
  const auto plan = world.plan(R"(format = 1
name = "hooks"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:8080"]
[idempotency]
  [idempotency.consumer.deliver]
  request = "POST /webhooks"
  json = { id = "{{event}}", order = "{{token}}" }
)");
  ASSERT_NE(plan, nullptr);
  ASSERT_NE(plan->idempotency, nullptr);
  EXPECT_FALSE(plan->idempotency->has_operation);
  EXPECT_TRUE(plan->idempotency->consumer);
}

TEST(Idempotency, NeedsNothingButAnOperation) {
  World world;
  const auto plan = world.plan(idempotency_plan());
  ASSERT_NE(plan, nullptr);
  EXPECT_TRUE(plan->scenarios.empty());
  ASSERT_NE(plan->idempotency, nullptr);
  const IdempotencyPlan& planned = *plan->idempotency;
  EXPECT_EQ(planned.profile_name, "");
  EXPECT_FALSE(planned.learns);
  EXPECT_EQ(planned.profile, model::IdempotencyProfile{});
  EXPECT_EQ(planned.carrier, (KeyCarrier{KeyCarrier::In::kHeader, "Idempotency-Key"}));
  EXPECT_TRUE(planned.has_operation);
  EXPECT_EQ(planned.operation.request.method, "POST");
  EXPECT_EQ(planned.operation.target, 0);
  ASSERT_EQ(planned.operation.expect.size(), 1U);
  EXPECT_EQ(planned.operation.expect.front().source, "status in 200..299");
  ASSERT_TRUE(planned.id.has_value());
  EXPECT_EQ(planned.id->pointer, "/id");
  EXPECT_EQ(planned.callers, (std::vector<std::uint16_t>{0, 1}));
  EXPECT_EQ(planned.rounds, 300U);
  EXPECT_EQ(planned.barriers, (std::vector<unsigned>{2, 5, 20}));
  EXPECT_FALSE(planned.window.has_value());
  EXPECT_EQ(planned.lock_time, 30s);
  EXPECT_EQ(planned.under_load, Duration::zero());
  EXPECT_FALSE(planned.mutate || planned.invalid || planned.read || planned.update ||
               planned.remove || planned.other || planned.consumer || planned.producer ||
               planned.key_store || planned.clock);
}

TEST(Idempotency, StandsBesideTrafficToo) {
  World world;
  const auto plan = world.plan(test::small_plan(R"(
[idempotency]
  [idempotency.operation]
  request = "POST /charges"
  json = { memo = "{{token}}" }
)"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->scenarios.size(), 1U);
  EXPECT_NE(plan->idempotency, nullptr);
}

TEST(Idempotency, RequestsHaveTheNamesOfTheirPlace) {
  World world;
  const auto planned = read(world, "", R"(
  [idempotency.read]
  request = "GET /charges/{{id}}"
  target = "other"
  expect = ["status == 200", "json /memo == \"{{token}}\""]
  [idempotency.update]
  request = "PUT /charges/{{id}}/memo"
  json = { memo = "{{value}}", of = "{{id}}" }
  [idempotency.remove]
  request = "DELETE /charges/{{id}}"
  [idempotency.other]
  request = "POST /refunds"
  json = { memo = "{{token}}" }
  [idempotency.consumer.deliver]
  request = "POST /webhooks"
  json = { id = "{{event}}", order = "{{token}}" }
  [idempotency.consumer.later]
  request = "POST /webhooks"
  json = { id = "{{event}}", order = "{{token}}", later = true }
)");
  ASSERT_NE(planned, nullptr);
  EXPECT_EQ(body_of(planned->operation), R"({"amount":1999,"memo":"T"})");
  ASSERT_TRUE(planned->read && planned->update && planned->remove && planned->other);
  EXPECT_EQ(planned->read->target, 1);
  EXPECT_EQ(planned->read->expect.size(), 2U);
  EXPECT_EQ(body_of(*planned->update), R"({"memo":"V","of":"I"})");
  EXPECT_TRUE(depends_on(planned->remove->request, model::kIdSlot));
  EXPECT_FALSE(depends_on(planned->remove->request, model::kTokenSlot));
  ASSERT_TRUE(planned->consumer && planned->consumer->later);
  EXPECT_EQ(body_of(planned->consumer->deliver), R"({"id":"E","order":"T"})");
}

TEST(Idempotency, TokensInsideFunctionsCount) {
  World world;
  const auto planned = read(world, "", R"(
  [idempotency.read]
  request = "GET /charges"
  headers = { X-Of = "{{'of {{id}}' | sha256}}" }
)");
  ASSERT_NE(planned, nullptr);
  EXPECT_TRUE(depends_on(planned->read->request, model::kIdSlot));
}

TEST(Idempotency, TheSurroundingsAreNamed) {
  World world;
  const auto plan = world.plan(idempotency_plan(R"(
callers = ["bob"]
dependencies = ["psp"]
key_store = "redis"
restart = ["shop"]
clock = "shop"
lock_time = "5s"
rounds = 30
barriers = [3]
under_load = "1m"
load_rate = "20/s"
volatile = ["/updated_at"]
id = "header \"Location\""
mutate = { body = "/amount", to = 2999 }
invalid = { body = "/amount", to = "none" }
producer = { sink = "hooks", within = "7s", outage = "3s", signed_at = "Webhook-Timestamp" }
)"));
  ASSERT_NE(plan, nullptr);
  const IdempotencyPlan& planned = *plan->idempotency;
  EXPECT_EQ(planned.callers, (std::vector<std::uint16_t>{1}));
  EXPECT_EQ(planned.dependencies, (std::vector<std::string>{"psp"}));
  EXPECT_EQ(planned.key_store, "redis");
  EXPECT_EQ(planned.restart, (std::vector<std::string>{"shop"}));
  EXPECT_EQ(planned.clock, "shop");
  EXPECT_TRUE(plan->services.front().moves_clock);
  EXPECT_EQ(planned.lock_time, 5s);
  EXPECT_EQ(planned.rounds, 30U);
  EXPECT_EQ(planned.barriers, (std::vector<unsigned>{3}));
  EXPECT_EQ(planned.under_load, 1min);
  EXPECT_EQ(planned.load_rate.per_second, 20);
  EXPECT_EQ(planned.volatile_fields, (std::vector<std::string>{"/updated_at"}));
  EXPECT_EQ(planned.id->field, "Location");
  ASSERT_TRUE(planned.mutate && planned.invalid && planned.producer);
  EXPECT_EQ(planned.mutate->pointer, "/amount");
  EXPECT_EQ(planned.mutate->json, "2999");
  EXPECT_EQ(planned.invalid->json, "\"none\"");
  EXPECT_EQ(planned.producer->sink, "hooks");
  EXPECT_EQ(planned.producer->within, 7s);
  EXPECT_EQ(planned.producer->outage, 3s);
  EXPECT_EQ(planned.producer->signed_at, "Webhook-Timestamp");
}

TEST(Idempotency, AProfileIsTakenByNameAndThePlanWins) {
  World world;
  const auto by_name = read(world, R"(profile = "ietf")");
  ASSERT_NE(by_name, nullptr);
  EXPECT_EQ(by_name->profile_name, "ietf");
  EXPECT_EQ(by_name->profile.name, "ietf");
  EXPECT_EQ(by_name->profile.quoted, true);
  EXPECT_EQ(by_name->profile.mismatch_status, (std::vector<int>{422}));

  const auto own = read(world, R"(profile = "ietf"
window = "1h"
key = { header = "X-Request", quoted = false })");
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->profile.quoted, false);
  EXPECT_EQ(own->profile.in_flight, model::InFlightMode::kReject);
  EXPECT_EQ(own->carrier, (KeyCarrier{KeyCarrier::In::kHeader, "X-Request"}));
  EXPECT_EQ(own->window, 1h);
}

TEST(Idempotency, FindingsAreAskedForWithoutTraffic) {
  World world;
  world.detectors.add({.name = "poisoned-key", .summary = "", .needs = "[idempotency]"});
  const auto plan = world.plan(idempotency_plan("", "[checks]\nfindings = [\"poisoned-key\"]\n"));
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->checks.findings.size(), 1U);
  EXPECT_EQ(plan->checks.findings.front().first, "poisoned-key");
}

TEST(Idempotency, AutoLearns) {
  World world;
  const auto planned = read(world, R"(profile = "auto")");
  ASSERT_NE(planned, nullptr);
  EXPECT_TRUE(planned->learns);
  EXPECT_EQ(planned->profile_name, "auto");
}

TEST(Idempotency, AProfileMayBeAFileFromThePlansFolder) {
  const squall::test::TestDirectory directory;
  const std::string file =
      directory.write("mine.toml",
                      "format = 1\nname = \"mine\"\nsummary = \"Ours.\"\nwindow = \"36h\"\n"
                      "[key]\nquery = \"request\"\n");
  World world;
  world.options.folder = directory.path();
  const auto planned = read(world, R"(profile = "./mine.toml")");
  ASSERT_NE(planned, nullptr);
  EXPECT_EQ(planned->profile.name, "mine");
  EXPECT_EQ(planned->window, 36h);
  EXPECT_EQ(planned->carrier, (KeyCarrier{KeyCarrier::In::kQuery, "request"}));

  EXPECT_EQ(directory.write("mine.toml", "format = 1\nname = \"mine\"\n"), file);
  EXPECT_EQ(
      world.problems(idempotency_plan(R"(profile = "mine.toml")")),
      "mine.toml:1:1: \"summary\" is missing; write for example summary = \"Answers are kept, "
      "errors too, and marked when they are given again.\"\n");
}

TEST(Idempotency, AKeyInTheBodyNeedsAnObjectToStandIn) {
  World world;
  const auto inside = read(world, R"(key = { body = "/idempotency_key" })");
  ASSERT_NE(inside, nullptr);
  EXPECT_EQ(inside->carrier, (KeyCarrier{KeyCarrier::In::kBody, "/idempotency_key"}));
  EXPECT_NE(world.problems(idempotency_plan(R"(key = { body = "/meta/key" })"))
                .find("operation has no object there to put it into"),
            std::string::npos);
}

TEST(Idempotency, WithoutAnOracleTokensAreNobodysNeed) {
  World world;
  const std::string text = R"(format = 1
name = "charge"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:8080"]
[idempotency]
  [idempotency.operation]
  request = "POST /charges"
)";
  EXPECT_NE(world.plan(text), nullptr);
  EXPECT_NE(world.problems(text + "[[effects.oracle]]\nkind = \"books\"\n")
                .find("nothing in this request carries {{token}}"),
            std::string::npos);
}

TEST(Idempotency, TheGuardOfThePlanHoldsForItsLoadToo) {
  World world;
  const std::string text = R"(format = 1
name = "charge"
max_rate = "10/s"
[[target]]
name = "shop"
urls = ["http://staging.example"]
[idempotency]
under_load = "1m"
load_rate = "11/s"
  [idempotency.operation]
  request = "POST /charges"
)";
  EXPECT_EQ(world.problems(text),
            "plan.toml:9:13: the plan's max_rate allows 10/s to targets that are not loopback\n");
}

TEST(Idempotency, SecretsOfItsRequestsAreSecrets) {
  World world;
  world.environment["TOKEN"] = "s3cr3t";
  const auto plan = world.plan(idempotency_plan("", R"(
  [idempotency.read]
  request = "GET /charges/{{id}}"
  headers = { X-Token = "${env:TOKEN}" }
)"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->secrets.count("s3cr3t"), 1U);
}

}  // namespace
}  // namespace squall::plan
