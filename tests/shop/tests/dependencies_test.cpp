// What stands between the shop and the payment provider.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <set>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "tests/shop/tests/shop_process.hpp"
#include "tests/support/eventually.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::FakeService;
using ::testing::HasSubstr;
using testing::payment_body;
using testing::Reply;
using testing::ShopProcess;

std::pair<int, std::string> broken(const FakeService::Received&) {
  return {500, "{}"};
}

std::string in_flight(int count) {
  return "psp_requests_in_flight " + std::to_string(count) + "\n";
}

TEST(ShopDependencies, ImmediateRetriesMultiplyTheProvidersLoad) {
  const FakeService psp(broken);
  const ShopProcess shop({"shop", "--psp", psp.url(), "--psp-retries", "immediate"});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(shop.pay("k" + std::to_string(i), payment_body("t")).status, 502);
  }
  EXPECT_EQ(psp.received().size(), 20U);
}

TEST(ShopDependencies, BudgetedRetriesAreFew) {
  const FakeService psp(broken);
  const ShopProcess shop({"shop", "--psp", psp.url(), "--psp-retries", "budgeted"});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(shop.pay("k" + std::to_string(i), payment_body("t")).status, 502);
  }
  EXPECT_LE(psp.received().size(), 23U);
}

TEST(ShopDependencies, AllTriesOfAPaymentBearItsTrace) {
  const FakeService psp(broken);
  const ShopProcess shop({"shop", "--psp", psp.url(), "--psp-retries", "immediate"});
  const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_EQ(testing::request(shop.port(), "POST", "/payments", payment_body("t"),
                             {{"traceparent", "00-" + trace_id + "-00f067aa0ba902b7-01"}})
                .status,
            502);
  std::set<std::string> parents;
  for (const FakeService::Received& call : psp.received()) {
    parents.insert(call.headers.at("traceparent"));
  }
  ASSERT_EQ(parents.size(), 1U);
  EXPECT_THAT(*parents.begin(), HasSubstr(trace_id));
}

TEST(ShopDependencies, AnOpenBreakerKeepsCallsFromTheProvider) {
  const FakeService psp(broken);
  const ShopProcess shop(
      {"shop", "--psp", psp.url(), "--breaker", "full", "--breaker-reset", "1h"});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(shop.pay("k", payment_body("t")).status, 502);
  }
  const Reply refused = shop.pay("k", payment_body("t"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("Retry-After"), "1");
  EXPECT_EQ(psp.received().size(), 5U);
}

TEST(ShopDependencies, ABreakerClosesAgainWhenTheProviderIsWell) {
  std::atomic<bool> well{false};
  const FakeService psp([&](const FakeService::Received& call) -> std::pair<int, std::string> {
    const json charge = json::parse(call.body);
    return well ? std::pair(
                      201,
                      json{{"id", "ch_1"}, {"amount", charge["amount"]}, {"status", "succeeded"}}
                          .dump())
                : broken(call);
  });
  const ShopProcess shop(
      {"shop", "--psp", psp.url(), "--breaker", "full", "--breaker-reset", "1ms"});
  for (int i = 0; i < 8; ++i) {
    EXPECT_NE(shop.pay("k", payment_body("t")).status, 201);
  }
  well = true;
  EXPECT_TRUE(test::eventually([&] { return shop.pay("k", payment_body("t")).status == 201; }));
}

TEST(ShopDependencies, WhatTheProviderAnswersIsLookedAt) {
  for (const char* answer : {"<html>oops</html>", R"({"id":"ch_1","amount":1999)",
                             R"({"id":"ch_1","amount":1999,"status":"declined"})",
                             R"({"id":"ch_1","amount":1,"status":"succeeded"})",
                             R"({"charge":"ch_1","amount":1999,"status":"succeeded"})"}) {
    const FakeService psp(
        [&](const FakeService::Received&) { return std::pair<int, std::string>(201, answer); });
    const ShopProcess careful({"shop", "--psp", psp.url()});
    const Reply refused = careful.pay("k", payment_body("t"));
    EXPECT_EQ(refused.status, 502) << answer;
    EXPECT_THAT(refused.body, HasSubstr("payment provider")) << answer;
    EXPECT_EQ(careful.effects(), 0U) << answer;

    const ShopProcess trusting({"shop", "--psp", psp.url(), "--provider-answers", "trust"});
    EXPECT_EQ(trusting.pay("k", payment_body("t")).status, 201) << answer;
    EXPECT_EQ(trusting.effects(), 1U) << answer << ": a payment that nobody made";
  }
}

TEST(ShopDependencies, PricesAskTheProviderOncePerCurrency) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const char* order : {"serial", "parallel"}) {
    const ShopProcess shop({"shop", "--psp", psp.url(), "--price-calls", order});
    const Reply prices = shop.get("/prices/200");
    EXPECT_EQ(prices.status, 200);
    EXPECT_EQ(json::parse(prices.body),
              (json{{"EUR", 200}, {"GBP", 168}, {"JPY", 32400}, {"USD", 218}}));
  }
  EXPECT_THAT(
      psp.get("/metrics").body,
      HasSubstr("psp_requests_total{method=\"GET\",route=\"/rates/{currency}\",status=\"200\"} 8"));
  const ShopProcess lonely({"shop", "--psp", "http://127.0.0.1:1"});
  EXPECT_EQ(lonely.get("/prices/200").status, 504);
}

TEST(ShopDependencies, ReadinessLooksAsFarAsItIsTold) {
  ShopProcess psp({"psp", "--answer-time", "0"});
  const ShopProcess process({"shop", "--psp", psp.url(), "--readiness", "process"});
  const ShopProcess all({"shop", "--psp", psp.url(), "--readiness", "dependencies"});
  EXPECT_EQ(process.get("/readyz").status, 200);
  EXPECT_EQ(all.get("/readyz").status, 200);
  psp.end(SIGTERM);
  EXPECT_EQ(process.get("/readyz").status, 200);
  EXPECT_EQ(all.get("/readyz").status, 503);
}

// Payments that wait for a silent provider, more than there are workers.
class ShopWithSilentProvider : public ::testing::Test {
 protected:
  ~ShopWithSilentProvider() override {
    psp_.end(SIGKILL);  // so that the payments end
  }
  void hang(const ShopProcess& shop, int payments) {
    for (int i = 0; i < payments; ++i) {
      payments_.push_back(std::async(std::launch::async, [&shop, i] {
        return shop.pay("k" + std::to_string(i), payment_body("t")).status;
      }));
    }
  }

  ShopProcess psp_{{"psp", "--answer-time", "1h"}};
  std::vector<std::future<int>> payments_;
};

TEST_F(ShopWithSilentProvider, ASharedPoolOfWorkersStopsTheWholeShop) {
  const ShopProcess shop({"shop", "--psp", psp_.url(), "--psp-timeout", "none", "--workers", "4",
                          "--pools", "shared"});
  hang(shop, 4);
  ASSERT_TRUE(test::eventually(
      [&] { return psp_.get("/metrics").body.find(in_flight(5)) != std::string::npos; }));
  auto stock = std::async(std::launch::async, [&] { return shop.get("/stock/x").status; });
  // Two requests are then being served: this one and the one that reads the metrics.
  ASSERT_TRUE(test::eventually([&] {
    return shop.get("/metrics").body.find("shop_requests_in_flight 6\n") != std::string::npos;
  }));
  EXPECT_EQ(stock.wait_for(milliseconds(0)), std::future_status::timeout);
  psp_.end(SIGKILL);
  EXPECT_EQ(stock.get(), 404);
  for (std::future<int>& payment : payments_) {
    EXPECT_EQ(payment.get(), 504);
  }
  payments_.clear();
}

TEST_F(ShopWithSilentProvider, ABulkheadKeepsTheOthersAlive) {
  const ShopProcess shop({"shop", "--psp", psp_.url(), "--psp-timeout", "none", "--workers", "4",
                          "--pools", "bulkhead"});
  hang(shop, 4);  // two work, two wait
  ASSERT_TRUE(test::eventually([&] {
    return psp_.get("/metrics").body.find(in_flight(3)) != std::string::npos &&
           shop.get("/metrics").body.find("shop_requests_in_flight 5\n") != std::string::npos;
  }));
  EXPECT_EQ(shop.get("/stock/x").status, 404);
  EXPECT_EQ(shop.pay("more", payment_body("t")).status, 503);
  psp_.end(SIGKILL);
  for (std::future<int>& payment : payments_) {
    EXPECT_EQ(payment.get(), 504);
  }
  payments_.clear();
}

}  // namespace
}  // namespace squall::shop
