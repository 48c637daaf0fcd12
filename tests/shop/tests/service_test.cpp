// What every role does as an HTTP service and as a process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/tests/shop_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeService;
using ::testing::HasSubstr;
using testing::payment_body;
using testing::Reply;
using testing::ShopProcess;

std::vector<json> log_lines(const ShopProcess& process, const std::string& message) {
  std::vector<json> lines;
  std::istringstream text(process.log());
  for (std::string line; std::getline(text, line);) {
    json parsed = json::parse(line);
    if (parsed["message"] == message) {
      lines.push_back(std::move(parsed));
    }
  }
  return lines;
}

ShopProcess psp() {
  return ShopProcess({"psp", "--answer-time", "0"});
}

TEST(ShopService, APortInUseIsSaidAndExitsWithOne) {
  const ShopProcess first = psp();
  ShopProcess second({"psp", "--port", std::to_string(first.port())});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_EQ(second.log(), "squall-shop: cannot listen on 127.0.0.1:" +
                              std::to_string(first.port()) + ": Address already in use\n");
}

TEST(ShopService, UsageErrorsExitWithTwo) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"psp", "--answer-time", "soon"},
           {"shop"},
           {"shop", "--psp", "http://127.0.0.1:1", "--payments", "maybe"},
           {"shop", "--psp", "http://127.0.0.1:1", "--lock-time", "1s", "--psp-timeout", "2s"}}) {
    ShopProcess process(arguments);
    EXPECT_EQ(process.wait(), 2) << process.log();
  }
}

TEST(ShopService, WhatCannotBeReachedOrOpenedExitsWithOne) {
  ShopProcess bad_url({"shop", "--psp", "ftp://x"});
  EXPECT_EQ(bad_url.wait(), 1);
  EXPECT_THAT(bad_url.log(), HasSubstr("squall-shop: --psp: ftp://x is not an http URL"));
  ShopProcess bad_file({"shop", "--psp", "http://127.0.0.1:1", "--db", "/nowhere/shop.db"});
  EXPECT_EQ(bad_file.wait(), 1);
  EXPECT_THAT(bad_file.log(), HasSubstr("cannot open /nowhere/shop.db"));
}

TEST(ShopService, EndsCleanlyWithIdleConnectionsOpen) {
  const ShopProcess provider = psp();
  ShopProcess shop({"shop", "--psp", provider.url()});
  EXPECT_EQ(shop.files_left(), 1U);
  test::RawClient idle(shop.port());
  idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(idle.answer(), 200);
  const TimePoint start = monotonic_now();
  EXPECT_EQ(shop.end(SIGTERM), 0);
  EXPECT_LT(monotonic_now() - start, milliseconds(900));
  EXPECT_EQ(shop.files_left(), 0U);
}

TEST(ShopService, EndsInTimeWithRequestsThatHang) {
  const ShopProcess silent({"psp", "--answer-time", "1h"});
  ShopProcess shop({"shop", "--psp", silent.url(), "--psp-timeout", "1h", "--lock-time", "2h"});
  std::thread customer([&] { static_cast<void>(shop.pay("k", payment_body("t"))); });
  EXPECT_TRUE(test::eventually([&] {
    return silent.get("/metrics").body.find("psp_requests_in_flight 2") != std::string::npos;
  }));
  const TimePoint start = monotonic_now();
  EXPECT_EQ(shop.end(SIGTERM), 0);
  EXPECT_LT(monotonic_now() - start, seconds(2));
  EXPECT_EQ(shop.files_left(), 0U);
  customer.join();
}

TEST(ShopService, ThePspEndsAtOnceAndChargesNothingMore) {
  ShopProcess silent({"psp", "--answer-time", "1h"});
  std::thread caller([&] {
    EXPECT_EQ(
        testing::request(silent.port(), "POST", "/charges", R"({"amount":1,"token":"t"})").status,
        503);
  });
  EXPECT_TRUE(test::eventually([&] {
    return silent.get("/metrics").body.find("psp_requests_in_flight 2") != std::string::npos;
  }));
  EXPECT_EQ(silent.end(SIGTERM), 0);
  caller.join();
}

TEST(ShopService, StrangersBytesDoNoHarm) {
  const ShopProcess provider = psp();
  const ShopProcess shop({"shop", "--psp", provider.url()});
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("GET / HTTP/9.9\r\n\r\n"),
        "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n",
        std::string("POST /payments HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        std::string("POST /payments HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string(50'000, '\n')}) {
    const test::RawClient connection(shop.port());
    connection.send(bytes);
  }
  const std::string deep(500'000, '[');
  for (const std::string& body :
       {std::string(), std::string("nul"), deep, std::string("{\"order\":\"\xff\"}"),
        std::string("[]"), std::string(R"({"order":"o","amount":1e400,"token":"t"})"),
        std::string(R"({"order":"o","amount":18446744073709551615,"token":"t"})"),
        std::string(R"({"order":"o","amount":1,"token":"a\u0000b"})"),
        std::string(R"({"order":{},"amount":1,"token":"t"})"),
        payment_body(std::string(201, 't'))}) {
    const Reply reply = testing::request(shop.port(), "POST", "/payments", body);
    EXPECT_EQ(reply.status, 400) << body.substr(0, 60);
    EXPECT_EQ(reply.headers.at("Content-Type"), "application/problem+json");
  }
  EXPECT_EQ(testing::request(shop.port(), "POST", "/payments", std::string(2'000'000, 'x')).status,
            413);
  EXPECT_EQ(shop.get("/nothing/here").status, 404);
  EXPECT_EQ(shop.effects(), 0U);
  EXPECT_EQ(shop.pay("k", payment_body("t")).status, 201);
}

TEST(ShopService, PipelinedChunkedAndContinuedRequestsAreUnderstood) {
  const ShopProcess provider = psp();
  test::RawClient connection(provider.port());
  connection.send(
      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string body;
  EXPECT_EQ(connection.answer(body), 200);
  EXPECT_THAT(body, HasSubstr("\"ok\""));
  EXPECT_EQ(connection.answer(body), 200);
  EXPECT_THAT(body, HasSubstr("\"ready\""));
  connection.send(
      "POST /charges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "a\r\n{\"amount\":\r\ne\r\n3,\"token\":\"t\"}\r\n0\r\n\r\n");
  EXPECT_EQ(connection.answer(), 201);
  connection.send(
      "POST /charges HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 24\r\n\r\n");
  EXPECT_THAT(connection.read_line(), HasSubstr("100 Continue"));
  EXPECT_EQ(connection.read_line(), "\r\n");
  connection.send(R"({"amount":3,"token":"t"})");
  EXPECT_EQ(connection.answer(), 201);
  EXPECT_EQ(provider.effects("t"), 2U);
}

TEST(ShopService, CountsItselfForPrometheus) {
  const ShopProcess provider = psp();
  const ShopProcess shop({"shop", "--psp", provider.url()});
  ASSERT_EQ(shop.pay("k", payment_body("t")).status, 201);
  ASSERT_EQ(shop.get("/payments/pay_9").status, 404);
  const Reply metrics = shop.get("/metrics");
  EXPECT_EQ(metrics.headers.at("Content-Type"), "text/plain; version=0.0.4");
  EXPECT_THAT(
      metrics.body,
      AllOf(
          HasSubstr("shop_requests_total{method=\"POST\",route=\"/payments\",status=\"201\"} 1\n"),
          HasSubstr(
              "shop_requests_total{method=\"GET\",route=\"/payments/{id}\",status=\"404\"} 1\n"),
          HasSubstr("shop_request_duration_seconds_count{route=\"/payments\"} 1\n"),
          HasSubstr("shop_call_duration_seconds_count{service=\"psp\",outcome=\"ok\"} 1\n"),
          HasSubstr("shop_database_errors_total 0\n")));
}

TEST(ShopService, OneTraceRunsThroughShopProviderAndWebhook) {
  const FakeService receiver(
      [](const FakeService::Received&) { return std::pair<int, std::string>(200, ""); });
  const ShopProcess provider = psp();
  const ShopProcess shop({"shop", "--psp", provider.url(), "--webhook", receiver.url() + "/hook"});
  const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  ASSERT_EQ(testing::request(shop.port(), "POST", "/payments", payment_body("t"),
                             {{"traceparent", "00-" + trace_id + "-00f067aa0ba902b7-01"},
                              {"Idempotency-Key", "k-9"}})
                .status,
            201);
  ASSERT_TRUE(test::eventually(
      [&] { return log_lines(shop, "request").size() == 1 && receiver.received().size() == 1; }));
  const json at_shop = log_lines(shop, "request")[0];
  EXPECT_EQ(at_shop["trace_id"], trace_id);
  EXPECT_EQ(at_shop["parent_id"], "00f067aa0ba902b7");
  EXPECT_EQ(at_shop["route"], "/payments");
  EXPECT_EQ(at_shop["status"], 201);
  EXPECT_EQ(at_shop["key"], "k-9");
  ASSERT_TRUE(test::eventually([&] { return log_lines(provider, "request").size() == 1; }));
  const json at_provider = log_lines(provider, "request")[0];
  EXPECT_EQ(at_provider["trace_id"], trace_id);
  EXPECT_EQ(at_provider["parent_id"], at_shop["span_id"]);
  const std::string sent = receiver.received()[0].headers.at("traceparent");
  EXPECT_EQ(sent, "00-" + trace_id + "-" + at_shop["span_id"].get<std::string>() + "-01");
}

TEST(ShopService, WebhooksAreRepeatedUnderTheSameIdUntilTaken) {
  std::atomic<int> calls{0};
  const FakeService receiver([&](const FakeService::Received&) {
    return std::pair<int, std::string>(calls.fetch_add(1) < 2 ? 500 : 204, "");
  });
  const ShopProcess provider = psp();
  const ShopProcess shop({"shop", "--psp", provider.url(), "--webhook", receiver.url() + "/hook"});
  ASSERT_EQ(shop.pay("k", payment_body("t")).status, 201);
  ASSERT_TRUE(shop.pay("k", payment_body("t")).headers.contains("Idempotent-Replayed"));
  ASSERT_TRUE(test::eventually([&] {
    return shop.get("/metrics").body.find("service=\"webhook\",outcome=\"ok\"") !=
           std::string::npos;
  }));
  const std::vector<FakeService::Received> received = receiver.received();
  ASSERT_EQ(received.size(), 3U) << "a replay announces nothing";
  for (const FakeService::Received& delivery : received) {
    EXPECT_EQ(delivery.path, "/hook");
    EXPECT_EQ(delivery.headers.at("Webhook-Id"), "evt_pay_1");
    EXPECT_EQ(json::parse(delivery.body), (json{{"id", "evt_pay_1"},
                                                {"type", "payment.succeeded"},
                                                {"payment", "pay_1"},
                                                {"token", "t"},
                                                {"amount", 1999}}));
  }
}

TEST(ShopService, TheLedgerComesInPages) {
  const ShopProcess provider = psp();
  const ShopProcess shop({"shop", "--psp", provider.url()});
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(shop.pay("k" + std::to_string(i), payment_body("t" + std::to_string(i))).status, 201);
  }
  std::vector<std::string> tokens;
  json next = "";
  for (int page = 0; page < 10 && !next.is_null(); ++page) {
    const json answer =
        json::parse(shop.get("/ledger?run=r1&limit=2&after=" + next.get<std::string>()).body);
    EXPECT_LE(answer["effects"].size(), 2U);
    for (const json& effect : answer["effects"]) {
      tokens.push_back(effect["token"].get<std::string>());
    }
    next = answer["next"];
  }
  EXPECT_THAT(tokens, ::testing::ElementsAre("t0", "t1", "t2", "t3", "t4"));
  EXPECT_EQ(json::parse(shop.get("/ledger?limit=5").body)["next"], nullptr);
  EXPECT_EQ(shop.effects("t3"), 1U);
  for (const char* bad : {"limit=0", "limit=10001", "limit=x", "limit=5x", "after=-1",
                          "after=99999999999999999999"}) {
    EXPECT_EQ(shop.get(std::string("/ledger?") + bad).status, 400) << bad;
  }
}

// An oracle that follows no "next" must not take a first page for everything.
TEST(ShopService, TheLedgerIsWholeWhenNoPageIsAskedFor) {
  constexpr std::size_t kEffects = 12'000;
  const test::TestDirectory directory;
  {
    const auto database = Database::open(directory / "shop.db", Durability::kProcess);
    ASSERT_TRUE(database);
    const Database::WriteLease writer = (*database)->write();
    Transaction transaction(*writer);
    ASSERT_TRUE(transaction.begin());
    for (std::size_t i = 0; i < kEffects; ++i) {
      ASSERT_TRUE(insert_effect(*writer, {0, EffectKind::kPayment, "t", 1, "o", "ch"}));
    }
    ASSERT_TRUE(transaction.commit());
  }
  const ShopProcess shop({"shop", "--psp", "http://127.0.0.1:1", "--db", directory / "shop.db"});
  const json whole = json::parse(shop.get("/ledger?run=r1").body);
  EXPECT_EQ(whole["effects"].size(), kEffects);
  EXPECT_TRUE(whole["next"].is_null());
}

TEST(ShopService, AKeptDatabaseIsThereAgain) {
  const test::TestDirectory directory;
  const ShopProcess provider = psp();
  std::string body;
  {
    ShopProcess shop({"shop", "--psp", provider.url(), "--db", directory / "shop.db"});
    body = shop.pay("k", payment_body("t")).body;
    EXPECT_EQ(shop.end(SIGTERM), 0);
  }
  const ShopProcess shop({"shop", "--psp", provider.url(), "--db", directory / "shop.db"});
  const Reply replay = shop.pay("k", payment_body("t"));
  EXPECT_TRUE(replay.headers.contains("Idempotent-Replayed"));
  EXPECT_EQ(replay.body, body);
}

}  // namespace
}  // namespace squall::shop
