#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include <nlohmann/json.hpp>

#include "loadgen/base/clock.hpp"
#include "tests/shop/tests/shop_process.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using testing::Reply;
using testing::ShopProcess;

constexpr const char* kBody = R"({"amount":5,"token":"t"})";

TEST(Psp, ChargesAfterItsAnswerTime) {
  const ShopProcess psp({"psp", "--answer-time", "150ms"});
  const TimePoint start = monotonic_now();
  const Reply reply = testing::request(psp.port(), "POST", "/charges", kBody);
  EXPECT_GE(monotonic_now() - start, std::chrono::milliseconds(150));
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(json::parse(reply.body),
            (json{{"id", "ch_1"}, {"amount", 5}, {"token", "t"}, {"status", "succeeded"}}));
  EXPECT_EQ(json::parse(psp.get("/charges").body)["charges"][0]["id"], "ch_1");
  EXPECT_EQ(psp.get("/readyz").status, 200);
}

TEST(Psp, ManyChargesAreWorkedOnAtTheSameTime) {
  const ShopProcess psp({"psp", "--answer-time", "300ms"});
  const TimePoint start = monotonic_now();
  const std::vector<Reply> replies =
      testing::post_together(64, {psp.port()}, "/charges", kBody, {});
  EXPECT_LT(monotonic_now() - start, std::chrono::seconds(5))
      << "one after the other they take 19 s";
  EXPECT_EQ(psp.effects("t"), 64U);
}

TEST(Psp, AKeyChargesOnceAlsoForTwins) {
  const ShopProcess psp({"psp", "--answer-time", "100ms"});
  std::set<std::string> bodies;
  for (const Reply& reply :
       testing::post_together(8, {psp.port()}, "/charges", kBody, {{"Idempotency-Key", "k"}})) {
    EXPECT_EQ(reply.status, 201);
    bodies.insert(reply.body);
  }
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(psp.effects(), 1U);
  const Reply other = testing::request(psp.port(), "POST", "/charges",
                                       R"({"amount":6,"token":"t"})", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(other.status, 422);
}

TEST(Psp, RefusesWhatItCannotRead) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (const char* body : {"", "[]", "{", R"({"amount":-1,"token":"t"})",
                           R"({"amount":1.5,"token":"t"})", R"({"amount":1})"}) {
    EXPECT_EQ(testing::request(psp.port(), "POST", "/charges", body).status, 400) << body;
  }
  EXPECT_EQ(psp.effects(), 0U);
}

TEST(Psp, ListsInPages) {
  const ShopProcess psp({"psp", "--answer-time", "0"});
  for (int i = 0; i < 5; ++i) {
    const std::string body = json{{"amount", 1}, {"token", i % 2 == 0 ? "even" : "odd"}}.dump();
    ASSERT_EQ(testing::request(psp.port(), "POST", "/charges", body).status, 201);
  }
  const json first = json::parse(psp.get("/ledger?limit=2&token=even").body);
  ASSERT_EQ(first["effects"].size(), 2U);
  const json second = json::parse(
      psp.get("/ledger?limit=2&token=even&after=" + first["next"].get<std::string>()).body);
  ASSERT_EQ(second["effects"].size(), 1U);
  EXPECT_EQ(second["effects"][0]["id"], "ch_5");
  EXPECT_TRUE(second["next"].is_null());
}

}  // namespace
}  // namespace squall::shop
