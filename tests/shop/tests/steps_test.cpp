// Payments that call more than one service, and keys that are kept in Redis.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include <nlohmann/json.hpp>

#include "tests/shop/tests/shop_process.hpp"
#include "tests/shop/tests/storage.hpp"
#include "tests/support/redis.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using testing::FakeService;
using testing::payment_body;
using testing::Reply;
using testing::ShopProcess;
using testing::StorageKind;

std::pair<int, std::string> charged(const FakeService::Received&) {
  return {201, R"({"id":"ch_1","amount":1999,"status":"succeeded"})"};
}
std::pair<int, std::string> mailed(const FakeService::Received&) {
  return {202, R"({"id":"mail_1"})"};
}

// Fails its first call, after which nobody knows whether it was carried out.
FakeService::Answering failing_once(FakeService::Answering then) {
  return [calls = std::make_shared<std::atomic<int>>(0),
          then = std::move(then)](const FakeService::Received& received) {
    return calls->fetch_add(1) == 0 ? std::pair<int, std::string>(503, "{}") : then(received);
  };
}

std::vector<std::string> keys_at(const FakeService& service) {
  std::vector<std::string> keys;
  for (const FakeService::Received& call : service.received()) {
    const auto key = call.headers.find("Idempotency-Key");
    keys.push_back(key == call.headers.end() ? "" : key->second);
  }
  return keys;
}

class StepsTest : public ::testing::TestWithParam<StorageKind> {
 protected:
  [[nodiscard]] ShopProcess shop(const std::string& mode, const std::string& psp,
                                 const std::string& mail) const {
    return ShopProcess(
        {"shop", "--psp", psp, "--mail", mail, "--db", storage_.place(), "--payments", mode});
  }
  testing::Storage storage_{GetParam()};
};

TEST_P(StepsTest, ARetryGoesOnFromTheRecoveryPoint) {
  const FakeService psp(charged);
  const FakeService mail(failing_once(mailed));
  const ShopProcess one = shop("atomic", psp.url(), mail.url());
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 502);
  EXPECT_EQ(one.effects("t"), 0U);
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 201);
  EXPECT_EQ(one.effects("t"), 1U);
  EXPECT_EQ(psp.received().size(), 1U) << "the charge was done";
  const std::vector<std::string> keys = keys_at(mail);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_FALSE(keys[0].empty());
}

TEST_P(StepsTest, TheFirstStepIsTriedAgainUnderItsKey) {
  const FakeService psp(failing_once(charged));
  const FakeService mail(mailed);
  const ShopProcess one = shop("atomic", psp.url(), mail.url());
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 502);
  EXPECT_TRUE(mail.received().empty());
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 201);
  const std::vector<std::string> keys = keys_at(psp);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(mail.received().size(), 1U);
  EXPECT_EQ(one.effects("t"), 1U);
}

TEST_P(StepsTest, OthersBeginAnew) {
  for (const char* mode : {"none", "racy", "5xx-not-stored"}) {
    const ShopProcess psp({"psp", "--answer-time", "0"});
    const FakeService mail(failing_once(mailed));
    const ShopProcess one = shop(mode, psp.url(), mail.url());
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, 502);
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, 201);
    EXPECT_EQ(psp.effects(mode), 2U) << mode;
  }
}

TEST_P(StepsTest, TheMailServiceSendsOncePerKey) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  const ShopProcess mail({"mail"});
  const ShopProcess one = shop("atomic", psp.url(), mail.url());
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 201);
  EXPECT_TRUE(one.pay("k", payment_body("t")).headers.contains("Idempotent-Replayed"));
  const json sent = json::parse(mail.get("/ledger?token=t").body)["effects"];
  ASSERT_EQ(sent.size(), 1U);
  const testing::Headers key = {{"Idempotency-Key", sent[0]["key"].get<std::string>()}};
  const auto send = [&](const char* body) {
    return testing::request(mail.port(), "POST", "/mails", body, key).status;
  };
  EXPECT_EQ(send(R"({"token":"t","text":"receipt for order o1"})"), 202);
  EXPECT_EQ(send(R"({"token":"t","text":"something else"})"), 422);
  EXPECT_EQ(send(R"({"token":"t"})"), 400);
  EXPECT_EQ(mail.effects("t"), 1U);
  EXPECT_EQ(mail.effects("u"), 0U);
}

INSTANTIATE_TEST_SUITE_P(Databases, StepsTest,
                         ::testing::Values(StorageKind::kSqlite, StorageKind::kPostgres),
                         [](const auto& kind) { return testing::name_of(kind.param); });

class RedisKeysTest : public ::testing::Test {
 protected:
  [[nodiscard]] ShopProcess shop(const std::string& psp,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {
        "shop",  "--psp",          psp,
        "--db",  storage_.place(), "--key-store",
        "redis", "--redis",        "127.0.0.1:" + std::to_string(redis_->port())};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ShopProcess(arguments);
  }
  testing::Storage storage_{StorageKind::kSqlite};
  std::unique_ptr<test::Redis> redis_ = std::make_unique<test::Redis>();
};

TEST_F(RedisKeysTest, TheyHoldForTwinsReplicasAndLaterRepeats) {
  const ShopProcess psp({"psp", "--answer-time", "100ms"});
  const ShopProcess one = shop(psp.url());
  const ShopProcess two = shop(psp.url());
  const std::vector<Reply> replies = testing::post_together(
      8, {one.port(), two.port()}, "/payments", payment_body("t"), {{"Idempotency-Key", "k"}});
  for (const Reply& reply : replies) {
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.body, replies[0].body);
  }
  EXPECT_TRUE(two.pay("k", payment_body("t")).headers.contains("Idempotent-Replayed"));
  EXPECT_EQ(two.pay("k", payment_body("t", 2999)).status, 422);
  EXPECT_EQ(one.effects("t"), 1U);
  EXPECT_EQ(psp.effects("t"), 1U);
}

TEST_F(RedisKeysTest, WithoutThemRequestsAreRefused) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  const ShopProcess one = shop(psp.url());
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 201);
  redis_.reset();
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 503);
  EXPECT_EQ(one.pay("other", payment_body("t")).status, 503);
  EXPECT_EQ(one.effects("t"), 1U);
  EXPECT_EQ(psp.effects("t"), 1U);
}

TEST_F(RedisKeysTest, FailingOpenARepeatChargesAgain) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  const ShopProcess one = shop(psp.url(), {"--key-store-down", "fail-open"});
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 201);
  redis_.reset();
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 201);
  EXPECT_EQ(one.effects("t"), 2U);
  EXPECT_EQ(psp.effects("t"), 2U);
}

TEST_F(RedisKeysTest, WithoutARecoveryPointNothingIsWrittenDown) {
  const FakeService psp(charged);
  const FakeService mail([&](const FakeService::Received& received) {
    redis_.reset();
    return mailed(received);
  });
  const ShopProcess one = shop(psp.url(), {"--mail", mail.url()});
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 503);
  EXPECT_EQ(one.effects("t"), 0U);
}

}  // namespace
}  // namespace squall::shop
