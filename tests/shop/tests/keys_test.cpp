// Each way to treat idempotency keys: its defect, and that the atomic one does not have it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "tests/shop/tests/shop_process.hpp"
#include "tests/shop/tests/storage.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using testing::FakeService;
using testing::Headers;
using testing::payment_body;
using testing::post_together;
using testing::Reply;
using testing::ShopProcess;
using testing::StorageKind;

bool is_replay(const Reply& reply) {
  return reply.headers.contains("Idempotent-Replayed");
}

std::pair<int, std::string> charged(const FakeService::Received&) {
  return {201, R"({"id":"ch_1","amount":1999,"status":"succeeded"})"};
}

// The keys that the provider was given, in order.
std::vector<std::string> keys_at(const FakeService& psp) {
  std::vector<std::string> keys;
  for (const FakeService::Received& call : psp.received()) {
    const auto key = call.headers.find("Idempotency-Key");
    keys.push_back(key == call.headers.end() ? "" : key->second);
  }
  return keys;
}

class Shops {
 protected:
  explicit Shops(StorageKind kind) : storage_(kind) {}
  // A shop on this test's database.
  [[nodiscard]] ShopProcess shop(const std::string& mode, const std::string& psp_url,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"shop",           "--psp",      psp_url, "--db",
                                          storage_.place(), "--payments", mode};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ShopProcess(arguments);
  }
  static Reply send(const ShopProcess& shop, const std::string& method, const std::string& path,
                    const std::string& key, const std::string& body,
                    const std::string& caller = "") {
    Headers headers;
    if (!key.empty()) {
      headers.emplace_back("Idempotency-Key", key);
    }
    if (!caller.empty()) {
      headers.emplace_back("Authorization", "Bearer " + caller);
    }
    return testing::request(shop.port(), method, path, body, headers);
  }

  testing::Storage storage_;
};

class KeysTest : public Shops, public ::testing::TestWithParam<StorageKind> {
 protected:
  KeysTest() : Shops(GetParam()) {}
};

// What no database has a part in.
class KeyRulesTest : public Shops, public ::testing::Test {
 protected:
  KeyRulesTest() : Shops(StorageKind::kSqlite) {}
};

TEST_P(KeysTest, InMemoryTheyHoldWithinOneProcess) {
  const ShopProcess psp({"psp", "--answer-time", "100ms"});
  const ShopProcess one = shop("in-memory", psp.url());
  const std::vector<Reply> replies =
      post_together(8, {one.port()}, "/payments", payment_body("t"), {{"Idempotency-Key", "k"}});
  EXPECT_EQ(std::count_if(replies.begin(), replies.end(), is_replay), 7);
  EXPECT_EQ(one.pay("k", payment_body("t", 2999)).status, 422);
  EXPECT_EQ(one.effects("t"), 1U);
  EXPECT_EQ(psp.effects("t"), 1U);
}

TEST_P(KeysTest, InMemoryAnotherReplicaAndAnotherLifeChargeAgain) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const auto& [mode, charges] :
       std::map<std::string, std::size_t>{{"in-memory", 3}, {"atomic", 1}}) {
    const std::string token = "t-" + mode;
    ShopProcess one = shop(mode, psp.url());
    const ShopProcess two = shop(mode, psp.url());
    EXPECT_EQ(one.pay(mode, payment_body(token)).status, 201);
    EXPECT_EQ(two.pay(mode, payment_body(token)).status, 201);
    EXPECT_EQ(one.end(SIGTERM), 0);
    const ShopProcess again = shop(mode, psp.url());
    EXPECT_EQ(again.pay(mode, payment_body(token)).status, 201);
    EXPECT_EQ(again.effects(token), charges);
    EXPECT_EQ(psp.effects(token), charges);
  }
}

TEST_P(KeysTest, GlobalOnesLeakBetweenCallers) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const char* mode : {"global-keys", "atomic"}) {
    const bool leaks = mode == std::string("global-keys");
    const ShopProcess one = shop(mode, psp.url());
    const std::string token = std::string("t-") + mode;
    const Reply alices = send(one, "POST", "/payments", mode, payment_body(token), "alice");
    const Reply bobs = send(one, "POST", "/payments", mode, payment_body(token), "bob");
    EXPECT_EQ(alices.status, 201);
    EXPECT_EQ(bobs.status, 201);
    EXPECT_EQ(alices.body == bobs.body, leaks);
    EXPECT_EQ(is_replay(bobs), leaks);
    EXPECT_EQ(one.effects(token), leaks ? 1U : 2U);
    EXPECT_EQ(psp.effects(token), leaks ? 1U : 2U);
    const std::string path = "/payments/" + json::parse(alices.body)["id"].get<std::string>();
    EXPECT_EQ(send(one, "GET", path, "", "", "alice").body, alices.body);
    EXPECT_EQ(send(one, "GET", path, "", "", "bob").status, 404);
    EXPECT_EQ(send(one, "GET", path, "", "", "").status, 404);
    EXPECT_EQ(send(one, "DELETE", path, "", "", "bob").status, 404);
    EXPECT_EQ(send(one, "PUT", path + "/memo", "", R"({"memo":"m"})", "bob").status, 404);
    EXPECT_EQ(send(one, "GET", path, "", "", "alice").body, alices.body);
  }
}

TEST_P(KeysTest, GlobalOnesLeakBetweenEndpoints) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const char* mode : {"global-keys", "atomic"}) {
    const bool leaks = mode == std::string("global-keys");
    const ShopProcess one = shop(mode, psp.url());
    const Reply paid = send(one, "POST", "/payments", mode, payment_body(mode));
    const Reply refunded = send(one, "POST", "/refunds", mode, payment_body(mode));
    EXPECT_EQ(refunded.status, 201);
    EXPECT_EQ(refunded.body == paid.body, leaks);
    EXPECT_EQ(json::parse(refunded.body)["status"], leaks ? "succeeded" : "refunded");
    const json refunds =
        json::parse(one.get("/ledger?kind=refund&token=" + std::string(mode)).body)["effects"];
    EXPECT_EQ(refunds.size(), leaks ? 0U : 1U);
    EXPECT_EQ(one.effects(mode), 1U) << "a refund is none of the effects that payments have";
  }
}

TEST_P(KeysTest, AStickyLockStaysAfterAFailure) {
  for (const char* mode : {"sticky-lock", "atomic"}) {
    std::atomic<int> calls{0};
    const FakeService psp([&](const FakeService::Received& received) {
      return calls.fetch_add(1) == 0 ? std::pair<int, std::string>(500, "{}") : charged(received);
    });
    const ShopProcess one = shop(mode, psp.url(), {"--in-flight", "reject"});
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, 502);
    const int then = mode == std::string("atomic") ? 201 : 409;
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, then);
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, then);
    EXPECT_EQ(one.pay("fresh", payment_body("fresh")).status, 201);
  }
}

TEST_P(KeysTest, AStickyLockOutlivesTheProcessThatHeldIt) {
  const ShopProcess psp({"psp", "--answer-time", "300ms"});
  for (const char* mode : {"sticky-lock", "atomic"}) {
    const std::vector<std::string> times = {"--psp-timeout", "400ms",       "--lock-time",
                                            "500ms",         "--in-flight", "reject"};
    {
      ShopProcess killed = shop(mode, psp.url(), times);
      std::thread customer([&] { EXPECT_EQ(killed.pay(mode, payment_body(mode)).status, 0); });
      EXPECT_TRUE(test::eventually([&] {
        return psp.get("/metrics").body.find("psp_requests_in_flight 2") != std::string::npos;
      }));
      killed.end(SIGKILL);
      customer.join();
    }
    const ShopProcess next = shop(mode, psp.url(), times);
    const auto pays = [&] { return next.pay(mode, payment_body(mode)).status == 201; };
    if (mode == std::string("atomic")) {
      EXPECT_TRUE(test::eventually(pays));
      EXPECT_EQ(psp.effects(mode), 1U) << "the operation went on under the same key";
    } else {
      // Longer than the lock time.
      EXPECT_FALSE(test::eventually(pays, std::chrono::milliseconds(900)));
    }
  }
}

TEST_P(KeysTest, WithoutAFingerprintAnotherPayloadGetsTheFirstAnswer) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const char* mode : {"body-ignored", "atomic"}) {
    const ShopProcess one = shop(mode, psp.url());
    const Reply first = one.pay(mode, payment_body(mode, 1999));
    const Reply other = one.pay(mode, payment_body(mode, 2999));
    EXPECT_EQ(first.status, 201);
    if (mode == std::string("atomic")) {
      EXPECT_EQ(other.status, 422);
    } else {
      EXPECT_EQ(other.status, 201);
      EXPECT_EQ(other.body, first.body);
      EXPECT_TRUE(is_replay(other));
    }
    EXPECT_EQ(one.effects(mode), 1U);
  }
}

TEST_P(KeysTest, WhenFailuresAreNotStoredARetryIsAnotherCharge) {
  for (const char* mode : {"5xx-not-stored", "atomic"}) {
    std::atomic<int> calls{0};
    const FakeService psp([&](const FakeService::Received& received) {
      return calls.fetch_add(1) == 0 ? std::pair<int, std::string>(503, "{}") : charged(received);
    });
    const ShopProcess one = shop(mode, psp.url());
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, 502);
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, 201);
    const std::vector<std::string> keys = keys_at(psp);
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0] == keys[1], mode == std::string("atomic"));
    EXPECT_EQ(one.effects(mode), 1U);
  }
}

TEST_P(KeysTest, ALateReplayOverwritesNothing) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const auto& [mode, stands] :
       std::map<std::string, std::string>{{"none", "A"}, {"racy", "B"}, {"atomic", "B"}}) {
    const ShopProcess one = shop(mode, psp.url());
    const Reply paid = one.pay(mode, payment_body(mode));
    const std::string path = "/payments/" + json::parse(paid.body)["id"].get<std::string>();
    const auto put = [&](const std::string& key, const std::string& memo) {
      const Reply reply = send(one, "PUT", path + "/memo", key, json{{"memo", memo}}.dump());
      EXPECT_EQ(reply.status, 200);
      EXPECT_EQ(json::parse(reply.body)["memo"], memo);
    };
    put("K1", "A");
    put("K2", "B");
    put("K1", "A");
    EXPECT_EQ(json::parse(one.get(path).body)["memo"], stands) << mode;
    put("", "C");
    put("", "C");
    EXPECT_EQ(json::parse(one.get(path).body)["memo"], "C");
    EXPECT_EQ(send(one, "PUT", "/payments/pay_999/memo", "K3", R"({"memo":"x"})").status, 404);
    EXPECT_EQ(send(one, "PUT", path + "/memo", "K4", R"({"memo":7})").status, 400);
  }
}

TEST_P(KeysTest, ALateReplayDoesNotBringBackWhatWasCancelled) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const auto& [mode, effects] :
       std::map<std::string, std::size_t>{{"none", 2}, {"racy", 1}, {"atomic", 1}}) {
    const ShopProcess one = shop(mode, psp.url());
    const Reply paid = one.pay(mode, payment_body(mode));
    const std::string path = "/payments/" + json::parse(paid.body)["id"].get<std::string>();
    EXPECT_EQ(send(one, "DELETE", path, "", "").status, 204);
    EXPECT_EQ(one.get(path).status, 404);
    EXPECT_EQ(send(one, "DELETE", path, "", "").status, 204);
    EXPECT_EQ(send(one, "PUT", path + "/memo", "", R"({"memo":"m"})").status, 404);
    EXPECT_EQ(one.pay(mode, payment_body(mode)).status, 201);
    EXPECT_EQ(one.get(path).status, 404);
    EXPECT_EQ(one.effects(mode), effects) << mode;
  }
}

TEST_P(KeysTest, OutOfTheWindowAKeyIsNew) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const char* mode : {"racy", "in-memory", "atomic"}) {
    const ShopProcess one = shop(mode, psp.url(), {"--key-window", "1ms"});
    ASSERT_EQ(one.pay(mode, payment_body(mode)).status, 201);
    EXPECT_TRUE(test::eventually([&] { return !is_replay(one.pay(mode, payment_body(mode))); }));
    EXPECT_EQ(one.effects(mode), 2U) << mode;
  }
}

TEST_F(KeyRulesTest, InUseTheyAreRefusedAtOnceWhenTheShopIsToldSo) {
  std::promise<void> may_answer;
  const std::shared_future<void> answering = may_answer.get_future().share();
  const FakeService psp([&](const FakeService::Received& received) {
    answering.wait();
    return charged(received);
  });
  const ShopProcess one = shop("atomic", psp.url(), {"--in-flight", "reject"});
  std::thread customer([&] { EXPECT_EQ(one.pay("k", payment_body("t")).status, 201); });
  EXPECT_TRUE(test::eventually([&] { return psp.received().size() == 1; }));
  const Reply twin = one.pay("k", payment_body("t"));
  EXPECT_EQ(twin.status, 409);
  EXPECT_EQ(twin.headers.count("Retry-After"), 1U);
  EXPECT_EQ(one.pay("k", payment_body("t", 2999)).status, 422);
  may_answer.set_value();
  customer.join();
  EXPECT_TRUE(is_replay(one.pay("k", payment_body("t"))));
  EXPECT_EQ(psp.received().size(), 1U);
}

TEST_F(KeyRulesTest, WithoutOneARequestIsRefusedWhenTheyAreRequired) {
  const FakeService psp(charged);
  const ShopProcess one = shop("atomic", psp.url(), {"--require-key"});
  EXPECT_EQ(send(one, "POST", "/payments", "", payment_body("t")).status, 400);
  EXPECT_EQ(one.effects(), 0U);
  EXPECT_EQ(one.pay("k", payment_body("t")).status, 201);
}

TEST_F(KeyRulesTest, AnEmptyOneIsABadOne) {
  const FakeService psp(charged);
  const ShopProcess one = shop("atomic", psp.url());
  const std::string body = payment_body("t");
  for (const char* headers : {"Idempotency-Key:\r\n", "Idempotency-Key: \r\n",
                              "idempotency-key:\r\nIdempotency-Key: k\r\n"}) {
    test::RawClient connection(one.port());
    for (int i = 0; i < 2; ++i) {
      connection.send("POST /payments HTTP/1.1\r\nHost: x\r\n" + std::string(headers) +
                      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
      EXPECT_EQ(connection.answer(), 400) << headers;
    }
  }
  EXPECT_EQ(one.effects(), 0U);
  EXPECT_TRUE(psp.received().empty());
}

TEST_F(KeyRulesTest, WhoSaysUnclearlyWhoTheyAreIsRefused) {
  const FakeService psp(charged);
  const ShopProcess one = shop("atomic", psp.url());
  for (const Headers& headers :
       {Headers{{"Authorization", "Digest username=a"}}, Headers{{"Authorization", "Bearer"}},
        Headers{{"Authorization", "Bearer a b"}},
        Headers{{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}}) {
    EXPECT_EQ(testing::request(one.port(), "POST", "/payments", payment_body("t"), headers).status,
              401);
  }
  EXPECT_EQ(one.effects(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Databases, KeysTest,
                         ::testing::Values(StorageKind::kSqlite, StorageKind::kPostgres),
                         [](const auto& kind) { return testing::name_of(kind.param); });

}  // namespace
}  // namespace squall::shop
