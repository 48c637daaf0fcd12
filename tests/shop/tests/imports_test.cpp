#include <gtest/gtest.h>

#include <csignal>

#include <nlohmann/json.hpp>

#include "tests/shop/tests/shop_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/files.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using testing::Reply;
using testing::ShopProcess;

constexpr const char* kGood = R"({"items":[{"item":"a","quantity":3},{"item":"b","quantity":4}]})";
constexpr const char* kNoProvider = "http://127.0.0.1:1";

std::string import_into(const ShopProcess& shop, const std::string& body) {
  const Reply reply = testing::request(shop.port(), "POST", "/imports", body);
  EXPECT_EQ(reply.status, 202);
  return json::parse(reply.body)["id"];
}

std::string state_of(const ShopProcess& shop, const std::string& id) {
  const Reply reply = shop.get("/imports/" + id);
  return reply.status == 200 ? json::parse(reply.body)["state"] : "";
}

TEST(Imports, GoIntoStockAndAddUp) {
  const ShopProcess shop({"shop", "--psp", kNoProvider});
  import_into(shop, kGood);
  const std::string last = import_into(shop, kGood);
  ASSERT_TRUE(test::eventually([&] { return state_of(shop, last) == "done"; }));
  EXPECT_EQ(json::parse(shop.get("/stock/a").body)["quantity"], 6);
  EXPECT_EQ(json::parse(shop.get("/stock/b").body)["quantity"], 8);
  EXPECT_EQ(shop.get("/imports/imp_99").status, 404);
}

TEST(Imports, WhatCannotBeReadIsRefusedAndTheNextOnesTurnComes) {
  const ShopProcess shop({"shop", "--psp", kNoProvider});
  std::vector<std::string> bad;
  for (const char* body : {"{", "", "[]", R"({"items":[{"item":"a"}]})",
                           R"({"items":[{"item":"a","quantity":"many"}]})", "\xff\x01"}) {
    bad.push_back(import_into(shop, body));
  }
  const std::string good = import_into(shop, kGood);
  ASSERT_TRUE(test::eventually([&] { return state_of(shop, good) == "done"; }));
  for (const std::string& id : bad) {
    EXPECT_EQ(state_of(shop, id), "refused") << id;
  }
  EXPECT_EQ(json::parse(shop.get("/stock/a").body)["quantity"], 3) << "nothing of a bad one";
}

TEST(Imports, UncaughtOneBadInputKillsTheProcessAgainAndAgain) {
  const test::TestDirectory directory;
  const std::vector<std::string> arguments = {
      "shop", "--psp", kNoProvider, "--imports", "uncaught", "--db", directory / "shop.db"};
  ShopProcess shop(arguments);
  static_cast<void>(testing::request(shop.port(), "POST", "/imports", "{"));
  EXPECT_EQ(shop.wait(), 128 + SIGABRT);
  ShopProcess again(arguments);
  EXPECT_EQ(again.wait(), 128 + SIGABRT);

  std::vector<std::string> mended = arguments;
  mended[4] = "handled";
  const ShopProcess healthy(mended);
  EXPECT_TRUE(test::eventually([&] { return state_of(healthy, "imp_1") == "refused"; }));
}

}  // namespace
}  // namespace squall::shop
