#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/shop/tests/shop_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::payment_body;
using testing::Reply;
using testing::ShopProcess;

bool says(const ShopProcess& process, const std::string& metric) {
  return process.get("/metrics").body.find(metric) != std::string::npos;
}

void wait_until_ready(const ShopProcess& gateway) {
  ASSERT_TRUE(test::eventually([&] { return gateway.get("/readyz").status == 200; }));
}

TEST(Gateway, PassesRequestsAndAnswersOnAsTheyAre) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  const ShopProcess shop({"shop", "--psp", psp.url()});
  const ShopProcess gateway({"gateway", "--upstream", shop.url()});
  wait_until_ready(gateway);
  const Reply paid = gateway.pay("k", payment_body("t"));
  EXPECT_EQ(paid.status, 201);
  const Reply replay = gateway.pay("k", payment_body("t"));
  EXPECT_EQ(replay.body, paid.body);
  EXPECT_EQ(replay.headers.at("Idempotent-Replayed"), "true");
  EXPECT_EQ(gateway.get("/payments/pay_9").status, 404);
  EXPECT_EQ(gateway.get("/payments/pay_9").headers.at("Content-Type"), "application/problem+json");
  EXPECT_EQ(json::parse(gateway.get("/ledger?token=t&limit=5").body)["effects"].size(), 1U);
  const Reply session =
      testing::request(gateway.port(), "POST", "/sessions", R"({"user":"alice"})");
  const std::string cookie = session.headers.at("Set-Cookie");
  EXPECT_EQ(testing::request(gateway.port(), "GET", "/session", "",
                             {{"Cookie", cookie.substr(0, cookie.find(';'))}})
                .body,
            session.body);
}

TEST(Gateway, ReplicasTakeTurnsAndTheDeadOneIsLeftOut) {
  ShopProcess first({"psp", "--answer-time", "0"});
  const ShopProcess second({"psp", "--answer-time", "0"});
  const ShopProcess gateway({"gateway", "--upstream", first.url(), "--upstream", second.url()});
  wait_until_ready(gateway);
  ASSERT_TRUE(test::eventually([&] {
    return gateway.get("/rates/EUR").status == 200 &&
           says(first, "route=\"/rates/{currency}\",status=\"200\"") &&
           says(second, "route=\"/rates/{currency}\",status=\"200\"");
  }));
  first.end(SIGKILL);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(gateway.get("/rates/EUR").status, 200) << i;
  }
}

TEST(Gateway, WithoutAReplicaItSaysSo) {
  const ShopProcess gateway({"gateway", "--upstream", "http://127.0.0.1:1"});
  EXPECT_EQ(gateway.get("/readyz").status, 503);
  EXPECT_EQ(gateway.pay("k", payment_body("t")).status, 503);
}

TEST(Gateway, GivesUpWhereTheReplicaWorksOn) {
  const ShopProcess psp({"psp", "--answer-time", "1s"});
  const ShopProcess shop({"shop", "--psp", psp.url(), "--psp-timeout", "4s"});
  const ShopProcess gateway({"gateway", "--upstream", shop.url(), "--timeout", "50ms"});
  wait_until_ready(gateway);
  EXPECT_EQ(gateway.pay("k", payment_body("t")).status, 504);
  EXPECT_TRUE(test::eventually([&] { return shop.effects("t") == 1; }))
      << "the customer was told that it failed";
}

TEST(OnTerm, ADrainingServiceSaysSoAndServesOn) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  ShopProcess shop({"shop", "--psp", psp.url(), "--on-term", "drain", "--drain-time", "1h"});
  test::RawClient kept(shop.port());
  kept.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(kept.answer(), 200);
  shop.signal(SIGTERM);
  ASSERT_TRUE(test::eventually([&] { return shop.get("/readyz").status == 503; }));
  EXPECT_EQ(shop.pay("k", payment_body("t")).status, 201);
  kept.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(kept.answer(), 200) << "a connection from before";
  const Reply last = shop.get("/healthz");
  EXPECT_EQ(last.headers.at("Connection"), "close");
  EXPECT_EQ(shop.end(SIGTERM), 0) << "a second one ends the draining";
}

TEST(OnTerm, ExitLeavesWhatRunsUnanswered) {
  const ShopProcess silent({"psp", "--answer-time", "1h"});
  ShopProcess shop({"shop", "--psp", silent.url(), "--on-term", "exit"});
  auto payment =
      std::async(std::launch::async, [&] { return shop.pay("k", payment_body("t")).status; });
  ASSERT_TRUE(test::eventually([&] { return says(silent, "psp_requests_in_flight 2\n"); }));
  EXPECT_EQ(shop.end(SIGTERM), 0);
  EXPECT_EQ(payment.get(), 0) << "no answer";
  EXPECT_EQ(shop.files_left(), 0U);
}

}  // namespace
}  // namespace squall::shop
