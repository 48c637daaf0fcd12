// Webhooks that the shop receives and sends.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "tests/shop/tests/shop_process.hpp"
#include "tests/shop/tests/storage.hpp"
#include "tests/shop/webhook_signature.hpp"
#include "tests/support/eventually.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using testing::FakeService;
using testing::payment_body;
using testing::post_together;
using testing::Reply;
using testing::ShopProcess;
using testing::StorageKind;

constexpr const char* kNoProvider = "http://127.0.0.1:1";

std::string event_body(const std::string& id, const std::string& type, const std::string& token) {
  return json{{"id", id}, {"type", type}, {"token", token}, {"amount", 5}}.dump();
}

class Shops {
 protected:
  explicit Shops(StorageKind kind) : storage_(kind) {}
  [[nodiscard]] ShopProcess shop(const std::string& psp,
                                 const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"shop", "--psp", psp, "--db", storage_.place()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ShopProcess(arguments);
  }
  static int deliver(const ShopProcess& shop, const std::string& body) {
    return testing::request(shop.port(), "POST", "/webhooks/psp", body).status;
  }
  testing::Storage storage_;
};

class WebhooksTest : public Shops, public ::testing::TestWithParam<StorageKind> {
 protected:
  WebhooksTest() : Shops(GetParam()) {}
};

// What no database has a part in.
class WebhookRulesTest : public Shops, public ::testing::Test {
 protected:
  WebhookRulesTest() : Shops(StorageKind::kSqlite) {}
};

TEST_P(WebhooksTest, AnEventThatComesTwiceIsBookedAsTheConsumerIsBuilt) {
  for (const auto& [mode, bookings] :
       std::map<std::string, std::size_t>{{"none", 2}, {"memory", 1}, {"table", 1}}) {
    const ShopProcess one = shop(kNoProvider, {"--consumer", mode});
    const std::string body = event_body("evt-" + mode, "payment.succeeded", mode);
    EXPECT_EQ(deliver(one, body), 200);
    EXPECT_EQ(deliver(one, body), 200);
    EXPECT_EQ(one.effects(mode), bookings) << mode;
    EXPECT_EQ(json::parse(one.get("/webhooks/psp/" + mode).body)["status"], "succeeded");
  }
}

TEST_P(WebhooksTest, TwinsOfAnEventAreBookedOnceByTheTable) {
  const ShopProcess one = shop(kNoProvider, {});
  const ShopProcess two = shop(kNoProvider, {});
  for (const Reply& reply : post_together(8, {one.port(), two.port()}, "/webhooks/psp",
                                          event_body("evt", "payment.succeeded", "t"), {})) {
    EXPECT_EQ(reply.status, 200);
  }
  EXPECT_EQ(one.effects("t"), 1U);
}

TEST_P(WebhooksTest, InMemoryAnotherReplicaBooksAgain) {
  for (const auto& [mode, bookings] :
       std::map<std::string, std::size_t>{{"memory", 2}, {"table", 1}}) {
    const std::string body = event_body("evt-" + mode, "payment.succeeded", mode);
    const ShopProcess one = shop(kNoProvider, {"--consumer", mode});
    const ShopProcess two = shop(kNoProvider, {"--consumer", mode});
    EXPECT_EQ(deliver(one, body), 200);
    EXPECT_EQ(deliver(two, body), 200);
    EXPECT_EQ(one.effects(mode), bookings) << mode;
  }
}

TEST_P(WebhooksTest, EventsInTheWrongOrder) {
  for (const auto& [mode, bookings] :
       std::map<std::string, std::size_t>{{"none", 2}, {"memory", 2}, {"table", 1}}) {
    const ShopProcess one = shop(kNoProvider, {"--consumer", mode});
    EXPECT_EQ(deliver(one, event_body("later-" + mode, "payment.settled", mode)), 200);
    EXPECT_EQ(deliver(one, event_body("first-" + mode, "payment.succeeded", mode)), 200);
    EXPECT_EQ(one.effects(mode), bookings) << mode;
    EXPECT_EQ(json::parse(one.get("/webhooks/psp/" + mode).body)["status"],
              mode == "table" ? "settled" : "succeeded");
  }
}

TEST_F(WebhookRulesTest, WhatIsNotSignedIsRefused) {
  const std::string secret = "whsec";
  const ShopProcess one = shop(kNoProvider, {"--webhook-secret", secret});
  const std::string body = event_body("evt", "payment.succeeded", "t");
  const auto send = [&](const std::string& with, WallTime at) {
    return testing::request(one.port(), "POST", "/webhooks/psp", body,
                            webhook_headers(with, "evt", body, at))
        .status;
  };
  const WallTime now = wall_clock_now();
  EXPECT_EQ(send("", now), 401);
  EXPECT_EQ(send("wrong", now), 401);
  EXPECT_EQ(send(secret, now - std::chrono::minutes(10)), 401);
  EXPECT_EQ(send(secret, now + std::chrono::minutes(10)), 401);
  EXPECT_EQ(one.effects(), 0U);
  EXPECT_EQ(send(secret, now), 200);
  EXPECT_EQ(one.effects("t"), 1U);
}

TEST_F(WebhookRulesTest, WhatCannotBeReadIsRefused) {
  const ShopProcess one = shop(kNoProvider, {});
  for (const char* body : {"", "[]", R"({"id":"e","type":"payment.succeeded"})",
                           R"({"id":"e","type":"payment.succeeded","token":"t","version":"x"})"}) {
    EXPECT_EQ(deliver(one, body), 400) << body;
  }
  EXPECT_EQ(deliver(one, event_body("e", "customer.created", "t")), 200);
  EXPECT_EQ(one.effects(), 0U);
  EXPECT_EQ(one.get("/webhooks/psp/t").status, 404);
}

TEST_P(WebhooksTest, TheOutboxDeliversUntilItIsAcknowledged) {
  std::atomic<int> calls{0};
  const FakeService receiver([&](const FakeService::Received&) {
    return std::pair<int, std::string>(calls.fetch_add(1) < 4 ? 500 : 204, "");
  });
  const ShopProcess psp({"psp", "--answer-time", "0"});
  const ShopProcess one = shop(psp.url(), {"--webhook", receiver.url(), "--webhook-delivery",
                                           "outbox", "--webhook-secret", "whsec"});
  ASSERT_EQ(one.pay("k", payment_body("t")).status, 201);
  ASSERT_TRUE(one.pay("k", payment_body("t")).headers.contains("Idempotent-Replayed"));
  EXPECT_TRUE(test::eventually([&] { return calls == 5; }));
  std::set<std::string> ids;
  for (const FakeService::Received& delivery : receiver.received()) {
    ids.insert(delivery.headers.at("Webhook-Id"));
    EXPECT_EQ(json::parse(delivery.body)["id"], delivery.headers.at("Webhook-Id"));
    EXPECT_EQ(delivery.headers.at("Webhook-Signature").substr(0, 3), "v1,");
  }
  EXPECT_EQ(ids.size(), 1U);
  const auto sent_at = [](const FakeService::Received& delivery) {
    return std::stoll(delivery.headers.at("Webhook-Timestamp"));
  };
  // One and a half seconds of waits lie between the first and the last.
  EXPECT_GT(sent_at(receiver.received().back()), sent_at(receiver.received().front()))
      << "each attempt is signed anew";
}

TEST_P(WebhooksTest, TheOutboxOutlivesTheProcess) {
  std::atomic<bool> heals{false};
  const FakeService receiver([&](const FakeService::Received&) {
    return std::pair<int, std::string>(heals ? 204 : 500, "");
  });
  const ShopProcess psp({"psp", "--answer-time", "0"});
  const std::vector<std::string> outbox = {"--webhook", receiver.url(), "--webhook-delivery",
                                           "outbox"};
  {
    ShopProcess killed = shop(psp.url(), outbox);
    ASSERT_EQ(killed.pay("k", payment_body("t")).status, 201);
    EXPECT_TRUE(test::eventually([&] { return !receiver.received().empty(); }));
    killed.end(SIGKILL);
  }
  const std::size_t before = receiver.received().size();
  heals = true;
  const ShopProcess next = shop(psp.url(), outbox);
  EXPECT_TRUE(test::eventually([&] { return receiver.received().size() > before; }));
  EXPECT_EQ(receiver.received().back().headers.at("Webhook-Id"),
            receiver.received().front().headers.at("Webhook-Id"));
}

TEST_F(WebhookRulesTest, FiredOnesAreGivenUp) {
  const FakeService receiver(
      [](const FakeService::Received&) { return std::pair<int, std::string>(500, ""); });
  const ShopProcess psp({"psp", "--answer-time", "0"});
  const std::vector<std::string> fired = {"--webhook", receiver.url(), "--webhook-attempts", "2"};
  const ShopProcess one = shop(psp.url(), fired);
  ASSERT_EQ(one.pay("k", payment_body("t")).status, 201);
  EXPECT_TRUE(test::eventually(
      [&] { return one.log().find("webhook not delivered") != std::string::npos; }));
  EXPECT_EQ(receiver.received().size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Databases, WebhooksTest,
                         ::testing::Values(StorageKind::kSqlite, StorageKind::kPostgres),
                         [](const auto& kind) { return testing::name_of(kind.param); });

}  // namespace
}  // namespace squall::shop
