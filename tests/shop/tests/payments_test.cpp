#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "tests/shop/tests/shop_process.hpp"
#include "tests/support/eventually.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::TestDirectory;
using testing::FakeService;
using ::testing::HasSubstr;
using testing::payment_body;
using testing::post_together;
using testing::Reply;
using testing::ShopProcess;

// Long enough that requests sent together overlap on a busy machine too.
constexpr const char* kAnswerTime = "200ms";

std::vector<std::string> shop_arguments(const std::string& psp_url, const std::string& mode,
                                        const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"shop", "--psp", psp_url, "--payments", mode};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

bool is_replay(const Reply& reply) {
  return reply.headers.contains("Idempotent-Replayed");
}

std::set<std::string> bodies_of(const std::vector<Reply>& replies) {
  std::set<std::string> bodies;
  for (const Reply& reply : replies) {
    bodies.insert(reply.body);
  }
  return bodies;
}

std::pair<int, std::string> charged(const FakeService::Received&) {
  return {201, R"({"id":"ch_1","amount":1999,"status":"succeeded"})"};
}

class PaymentsTest : public ::testing::Test {
 protected:
  ShopProcess psp_{{"psp", "--answer-time", kAnswerTime}};
};

TEST_F(PaymentsTest, APaymentIsChargedRecordedAndReadable) {
  const ShopProcess shop(shop_arguments(psp_.url(), "atomic"));
  const Reply paid = testing::request(shop.port(), "POST", "/payments",
                                      R"({"order":17,"amount":1999,"token":"t-1"})");
  ASSERT_EQ(paid.status, 201) << paid.body;
  const json payment = json::parse(paid.body);
  EXPECT_EQ(payment, (json{{"id", "pay_1"},
                           {"order", "17"},
                           {"amount", 1999},
                           {"token", "t-1"},
                           {"status", "succeeded"},
                           {"charge", "ch_1"}}));
  const Reply read = shop.get("/payments/pay_1");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, paid.body);
  for (const char* unknown :
       {"pay_2", "pay_01", "sale_1", "1", "pay_", "pay_99999999999999999999", "..%2f"}) {
    EXPECT_EQ(shop.get(std::string("/payments/") + unknown).status, 404) << unknown;
  }
}

TEST_F(PaymentsTest, WithoutIdempotencyEveryPostCharges) {
  const ShopProcess shop(shop_arguments(psp_.url(), "none"));
  const Reply first = shop.pay("k", payment_body("t"));
  const Reply second = shop.pay("k", payment_body("t"));
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 201);
  EXPECT_NE(first.body, second.body);
  EXPECT_EQ(shop.effects("t"), 2U);
  EXPECT_EQ(psp_.effects("t"), 2U);
}

TEST_F(PaymentsTest, TheRacyShopReplaysALaterRepeat) {
  const ShopProcess shop(shop_arguments(psp_.url(), "racy"));
  const Reply first = shop.pay("k", payment_body("t"));
  const Reply second = shop.pay("k", payment_body("t"));
  EXPECT_FALSE(is_replay(first));
  EXPECT_TRUE(is_replay(second));
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(shop.effects("t"), 1U);
}

TEST_F(PaymentsTest, TheRacyShopChargesTwinsTwice) {
  const ShopProcess shop(shop_arguments(psp_.url(), "racy"));
  const std::vector<Reply> replies =
      post_together(2, {shop.port()}, "/payments", payment_body("t"), {{"Idempotency-Key", "k"}});
  EXPECT_EQ(replies[0].status, 201);
  EXPECT_EQ(replies[1].status, 201);
  EXPECT_EQ(bodies_of(replies).size(), 2U);
  EXPECT_EQ(shop.effects("t"), 2U);
  EXPECT_EQ(psp_.effects("t"), 2U);
}

TEST_F(PaymentsTest, TheAtomicShopChargesTwinsOnce) {
  const ShopProcess shop(shop_arguments(psp_.url(), "atomic"));
  const std::vector<Reply> replies =
      post_together(16, {shop.port()}, "/payments", payment_body("t"), {{"Idempotency-Key", "k"}});
  for (const Reply& reply : replies) {
    EXPECT_EQ(reply.status, 201) << reply.body;
  }
  EXPECT_EQ(bodies_of(replies).size(), 1U) << "replays are equal byte for byte";
  EXPECT_EQ(std::count_if(replies.begin(), replies.end(), is_replay), 15);
  EXPECT_EQ(shop.effects("t"), 1U);
  EXPECT_EQ(psp_.effects("t"), 1U);
}

TEST_F(PaymentsTest, TheAtomicShopHoldsAcrossReplicas) {
  const TestDirectory directory;
  const ShopProcess one(shop_arguments(psp_.url(), "atomic", {"--db", directory / "shop.db"}));
  const ShopProcess two(shop_arguments(psp_.url(), "atomic", {"--db", directory / "shop.db"}));
  const std::vector<Reply> replies = post_together(8, {one.port(), two.port()}, "/payments",
                                                   payment_body("t"), {{"Idempotency-Key", "k"}});
  EXPECT_EQ(bodies_of(replies).size(), 1U);
  EXPECT_EQ(replies[0].status, 201);
  EXPECT_EQ(one.effects("t"), 1U);
  EXPECT_EQ(two.effects("t"), 1U);
  EXPECT_EQ(psp_.effects("t"), 1U);
}

TEST_F(PaymentsTest, OtherKeysAndNoKeysChargeOnTheirOwn) {
  const ShopProcess shop(shop_arguments(psp_.url(), "atomic"));
  EXPECT_EQ(shop.pay("k1", payment_body("t")).status, 201);
  EXPECT_EQ(shop.pay("k2", payment_body("t")).status, 201);
  EXPECT_EQ(testing::request(shop.port(), "POST", "/payments", payment_body("t")).status, 201);
  EXPECT_EQ(testing::request(shop.port(), "POST", "/payments", payment_body("t")).status, 201);
  EXPECT_EQ(shop.effects("t"), 4U);
}

TEST_F(PaymentsTest, AKeyBelongsToItsRequest) {
  for (const char* mode : {"racy", "atomic"}) {
    const ShopProcess shop(shop_arguments(psp_.url(), mode));
    ASSERT_EQ(shop.pay("k", payment_body("t", 1999)).status, 201) << mode;
    const Reply other = shop.pay("k", payment_body("t", 2999));
    EXPECT_EQ(other.status, 422) << mode;
    EXPECT_THAT(other.body, HasSubstr("another request"));
    // The same values, written otherwise, are the same request.
    EXPECT_EQ(shop.pay("k", R"( {"token":"t", "amount":1999, "order":"o1"} )").status, 201) << mode;
    EXPECT_EQ(shop.effects("t"), 1U) << mode;
  }
}

TEST_F(PaymentsTest, BadKeysAreRefusedBeforeAnythingIsCharged) {
  const ShopProcess shop(shop_arguments(psp_.url(), "atomic"));
  for (const std::string& key :
       {std::string(256, 'k'), std::string("a b"), std::string("caf\xc3\xa9")}) {
    EXPECT_EQ(shop.pay(key, payment_body("t")).status, 400) << key;
  }
  const Reply doubled = testing::request(shop.port(), "POST", "/payments", payment_body("t"),
                                         {{"Idempotency-Key", "k1"}, {"Idempotency-Key", "k2"}});
  EXPECT_EQ(doubled.status, 400);
  EXPECT_EQ(shop.effects(), 0U);
  EXPECT_EQ(shop.pay(std::string(255, 'k'), payment_body("t")).status, 201);
}

TEST_F(PaymentsTest, TwinsThatWaitTooLongGetAConflict) {
  const ShopProcess slow_psp({"psp", "--answer-time", "1s"});
  const ShopProcess shop(shop_arguments(slow_psp.url(), "atomic", {"--wait-time", "50ms"}));
  const std::vector<Reply> replies =
      post_together(2, {shop.port()}, "/payments", payment_body("t"), {{"Idempotency-Key", "k"}});
  const Reply& loser = replies[0].status == 409 ? replies[0] : replies[1];
  EXPECT_EQ(loser.status, 409);
  EXPECT_EQ(loser.headers.count("Retry-After"), 1U);
  EXPECT_EQ(replies[0].status + replies[1].status, 409 + 201);
  EXPECT_TRUE(is_replay(shop.pay("k", payment_body("t")))) << "the conflict is not sticky";
  EXPECT_EQ(shop.effects("t"), 1U);
}

TEST_F(PaymentsTest, AnotherProcessFinishesWhatAKilledOneBegan) {
  const TestDirectory directory;
  const std::vector<std::string> arguments = shop_arguments(
      psp_.url(), "atomic",
      {"--db", directory / "shop.db", "--psp-timeout", "900ms", "--lock-time", "1s"});
  {
    ShopProcess killed(arguments);
    std::thread customer([&] { EXPECT_EQ(killed.pay("k", payment_body("t")).status, 0); });
    // The charge is under way (the other request in flight is the question itself).
    EXPECT_TRUE(test::eventually([&] {
      return psp_.get("/metrics").body.find("psp_requests_in_flight 2") != std::string::npos;
    }));
    killed.end(SIGKILL);
    customer.join();
  }
  const ShopProcess next(arguments);
  EXPECT_EQ(next.effects("t"), 0U);
  const Reply retried = next.pay("k", payment_body("t"));
  EXPECT_EQ(retried.status, 201) << retried.body;
  EXPECT_EQ(next.effects("t"), 1U);
  EXPECT_EQ(psp_.effects("t"), 1U) << "the provider saw the same key twice";
}

TEST(PaymentsAndTheirProvider, OnlyTheAtomicShopPassesTheKeyOn) {
  for (const char* mode : {"none", "racy", "atomic"}) {
    const FakeService psp(charged);
    const ShopProcess shop(shop_arguments(psp.url() + "/v1/", mode));
    ASSERT_EQ(shop.pay("k-7", payment_body("t")).status, 201);
    ASSERT_EQ(psp.received().size(), 1U);
    const FakeService::Received call = psp.received()[0];
    EXPECT_EQ(call.path, "/v1/charges");
    EXPECT_EQ(json::parse(call.body), (json{{"amount", 1999}, {"token", "t"}}));
    EXPECT_EQ(call.headers.count("Idempotency-Key"), std::string(mode) == "atomic" ? 1U : 0U)
        << mode;
  }
}

TEST(PaymentsAndTheirProvider, AFailedChargeFreesTheKey) {
  for (const char* mode : {"racy", "atomic"}) {
    std::atomic<int> calls{0};
    const FakeService psp(
        [&](const FakeService::Received& received) -> std::pair<int, std::string> {
          switch (calls.fetch_add(1)) {
            case 0:
              return {500, "{}"};
            case 1:
              return {402, "{}"};
            case 2:
              return {201, "<html>"};
            default:
              return charged(received);
          }
        });
    const ShopProcess shop(shop_arguments(psp.url(), mode));
    EXPECT_EQ(shop.pay("k", payment_body("t")).status, 502);
    EXPECT_EQ(shop.pay("k", payment_body("t")).status, 402);
    EXPECT_EQ(shop.pay("k", payment_body("t")).status, 502);
    EXPECT_EQ(shop.effects(), 0U);
    EXPECT_EQ(shop.pay("k", payment_body("t")).status, 201);
    EXPECT_EQ(shop.effects("t"), 1U);
    EXPECT_EQ(calls, 4);
  }
}

TEST(PaymentsAndTheirProvider, AProviderThatIsAwayOrSilentIsATimeoutWithinItsLimit) {
  const ShopProcess away(shop_arguments("http://127.0.0.1:1", "atomic"));
  EXPECT_EQ(away.pay("k", payment_body("t")).status, 504);
  EXPECT_EQ(away.get("/readyz").status, 200)
      << "no restart of the shop would bring the provider back";

  const ShopProcess silent({"psp", "--answer-time", "1h"});
  const ShopProcess shop(shop_arguments(silent.url(), "atomic", {"--psp-timeout", "300ms"}));
  const TimePoint start = monotonic_now();
  EXPECT_EQ(shop.pay("k", payment_body("t")).status, 504);
  EXPECT_GE(monotonic_now() - start, milliseconds(300));
  EXPECT_LT(monotonic_now() - start, seconds(5));
}

}  // namespace
}  // namespace squall::shop
