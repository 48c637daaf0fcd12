#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/shop/tests/shop_process.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using testing::Reply;
using testing::ShopProcess;

constexpr int kPieces = 5;
constexpr std::size_t kBuyers = 32;

struct Sale {
  std::int64_t acked = 0;
  std::int64_t refused = 0;
  std::int64_t remaining = 0;
};

// Puts pieces on stock and lets more buyers than pieces come at the same moment.
Sale sell(const ShopProcess& shop) {
  const Reply set =
      testing::request(shop.port(), "PUT", "/stock/lamp", json{{"quantity", kPieces}}.dump());
  EXPECT_EQ(set.status, 200) << set.body;
  Sale sale;
  for (const Reply& reply : testing::post_together(kBuyers, {shop.port()}, "/buy",
                                                   R"({"item":"lamp","token":"t"})", {})) {
    sale.acked += reply.status == 201 ? 1 : 0;
    sale.refused += reply.status == 409 ? 1 : 0;
  }
  sale.remaining = json::parse(shop.get("/stock/lamp").body)["quantity"].get<std::int64_t>();
  EXPECT_EQ(sale.acked + sale.refused, static_cast<std::int64_t>(kBuyers));
  return sale;
}

class StockTest : public ::testing::Test {
 protected:
  static std::vector<std::string> arguments(const std::string& mode) {
    return {"shop", "--psp", "http://127.0.0.1:1", "--stock", mode};
  }
};

TEST_F(StockTest, TheAtomicShopSellsWhatItHas) {
  const ShopProcess shop(arguments("atomic"));
  for (int round = 0; round < 10; ++round) {
    const Sale sale = sell(shop);
    EXPECT_EQ(sale.acked, kPieces);
    EXPECT_EQ(sale.remaining, 0);
  }
  EXPECT_EQ(shop.effects("t"), 10U * kPieces);
}

TEST_F(StockTest, TheRacyShopSellsMoreThanItHas) {
  const ShopProcess shop(arguments("racy"));
  bool oversold = false;
  for (int round = 0; round < 50 && !oversold; ++round) {
    oversold = sell(shop).acked > kPieces;
  }
  EXPECT_TRUE(oversold);
}

TEST_F(StockTest, OneBuyerAfterTheOtherIsServedRightByBoth) {
  for (const char* mode : {"racy", "atomic"}) {
    const ShopProcess shop(arguments(mode));
    const auto buy = [&](const std::string& item) {
      return testing::request(shop.port(), "POST", "/buy",
                              json{{"item", item}, {"token", "t"}}.dump());
    };
    EXPECT_EQ(buy("lamp").status, 404);
    ASSERT_EQ(testing::request(shop.port(), "PUT", "/stock/lamp", R"({"quantity":1})").status, 200);
    const Reply sold = buy("lamp");
    EXPECT_EQ(sold.status, 201);
    EXPECT_EQ(json::parse(sold.body),
              (json{{"id", "sale_1"}, {"item", "lamp"}, {"token", "t"}, {"remaining", 0}}));
    EXPECT_EQ(buy("lamp").status, 409);
    EXPECT_EQ(json::parse(shop.get("/stock/lamp").body),
              (json{{"item", "lamp"}, {"quantity", 0}, {"sold", 1}}));
    EXPECT_EQ(shop.effects("t"), 1U);
    EXPECT_EQ(shop.get("/stock/chair").status, 404);
    EXPECT_EQ(testing::request(shop.port(), "PUT", "/stock/lamp", R"({"quantity":-1})").status,
              400);
    EXPECT_EQ(testing::request(shop.port(), "POST", "/buy", R"({"item":"lamp"})").status, 400);
  }
}

}  // namespace
}  // namespace squall::shop
