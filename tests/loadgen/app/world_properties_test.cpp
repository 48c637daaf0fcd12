// Properties of the world around a target (16 to 23, 25, 28), against the shop as it should be and
// with one defect each.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/loadgen/app/verification_case.hpp"
#include "tests/support/postgres.hpp"

namespace squall::app::testing {
namespace {

using model::PropertyHarm;
using model::PropertyVerdict;

ShopPlan kept_shop(const std::string& payments) {
  ShopPlan plan;
  plan.payments = payments;
  // Longer than the provider may take.
  plan.shop_options = R"(, "--db", "{{dir.shop}}/shop.db", "--lock-time", "350ms")";
  plan.idempotency = R"(dependencies = ["psp"]
restart = ["shop"]
)";
  return plan;
}

ShopPlan two_replicas(const std::string& payments, const std::string& database) {
  ShopPlan plan;
  plan.payments = payments;
  plan.shop_options = R"(, "--db", ")" + database + R"(")";
  plan.shop_keys = "replicas = 2";
  plan.urls = R"("http://127.0.0.1:{{port.shop.1}}", "http://127.0.0.1:{{port.shop.2}}")";
  return plan;
}

#define EXPECT_VERDICT(result, wanted) \
  EXPECT_EQ((result).verdict, PropertyVerdict::wanted) << text_of(result)

TEST(WorldProperties, AnAtomicShopSurvivesItsDependencyAndItself) {
  RunningShop shop(kept_shop("atomic"));
  shop.verify({16, 17, 18, 19});
  EXPECT_VERDICT(shop.property(16), kPass);
  EXPECT_EQ(shop.property(16).trials, 6U);
  EXPECT_VERDICT(shop.property(17), kPass);
  EXPECT_VERDICT(shop.property(18), kPass);
  EXPECT_VERDICT(shop.property(19), kPass);
  EXPECT_EQ(shop.verified().learned.stores_5xx, false) << "failures are carried out anew";
}

TEST(WorldProperties, AShopThatForgetsFailedOperationsChargesTwice) {
  RunningShop shop(kept_shop("5xx-not-stored"));
  shop.verify({16, 18});
  EXPECT_VERDICT(shop.property(16), kFail);
  EXPECT_EQ(shop.property(16).harm, PropertyHarm::kEffects);
  EXPECT_NE(shop.property(16).summary.find("oracle provider counts 2 effects"), std::string::npos)
      << "the shop's own ledger has one: " << text_of(shop.property(16));
  EXPECT_VERDICT(shop.property(18), kFail);
  EXPECT_NE(text_of(shop.property(18)).find("POST /charges at psp was called under 2 keys"),
            std::string::npos)
      << text_of(shop.property(18));
}

TEST(WorldProperties, ALockThatNeverExpiresLeavesAKeyUnusable) {
  ShopPlan plan = kept_shop("sticky-lock");
  plan.lock_time = "500ms";    // waited for by each key that stays unusable
  plan.answer_time = "150ms";  // so that a kill which comes late is still inside
  plan.shop_options += R"(, "--in-flight", "reject")";
  RunningShop shop(plan);
  shop.verify({17});
  EXPECT_VERDICT(shop.property(17), kFail);
  EXPECT_EQ(shop.property(17).harm, PropertyHarm::kStuck) << text_of(shop.property(17));
}

TEST(WorldProperties, KeysInMemoryAreUnknownToOtherReplicasAndAfterARestart) {
  const test::TestDirectory files;
  ShopPlan plan = two_replicas("in-memory", files / "shop.db");
  plan.idempotency = "restart = [\"shop\"]";
  RunningShop shop(plan);
  shop.verify({19});
  EXPECT_VERDICT(shop.property(19), kFail);
  EXPECT_EQ(shop.property(19).harm, PropertyHarm::kEffects);
  EXPECT_EQ(shop.property(19).trials, 15U);
}

TEST(WorldProperties, KeysThatReplicasShareAreKnownToAll) {
  const test::TestDirectory files;
  RunningShop shop(two_replicas("atomic", files / "shop.db"));
  shop.verify({19});
  EXPECT_VERDICT(shop.property(19), kPass);
  EXPECT_EQ(shop.property(19).trials, 10U);
}

TEST(WorldProperties, WhatIsSentLateOrAgainChangesNothingOfAnAtomicShop) {
  ShopPlan plan = kept_shop("atomic");
  plan.idempotency += "under_load = \"1s\"\nload_rate = \"100/s\"\n";
  RunningShop shop(plan);
  shop.verify({22, 23, 25, 28});
  EXPECT_VERDICT(shop.property(22), kPass);
  EXPECT_VERDICT(shop.property(23), kPass);
  EXPECT_VERDICT(shop.property(25), kPass);
  EXPECT_VERDICT(shop.property(28), kPass);
  EXPECT_EQ(shop.property(28).trials, 100U);
}

TEST(WorldProperties, AShopWithoutKeysWritesAgainAndMakesAnew) {
  ShopPlan plan = kept_shop("none");
  plan.idempotency += "under_load = \"1s\"\nload_rate = \"100/s\"\n";
  RunningShop shop(plan);
  shop.verify({22, 23, 25, 28});
  EXPECT_VERDICT(shop.property(22), kFail);
  EXPECT_EQ(shop.property(22).harm, PropertyHarm::kEffects);
  EXPECT_VERDICT(shop.property(23), kFail);
  EXPECT_EQ(shop.property(23).harm, PropertyHarm::kState);
  EXPECT_VERDICT(shop.property(25), kPass);
  EXPECT_VERDICT(shop.property(28), kFail);
  EXPECT_EQ(shop.property(28).harm, PropertyHarm::kEffects);
}

TEST(WorldProperties, AWindowIsWaitedForOrTheClockIsMoved) {
  ShopPlan waited = kept_shop("atomic");
  waited.idempotency += "window = \"1s\"\n";
  waited.shop_options += R"(, "--key-window", "1s")";
  RunningShop shop(waited);
  shop.verify({21});
  EXPECT_VERDICT(shop.property(21), kPass);
  EXPECT_NE(text_of(shop.property(21)).find("5 carried out anew"), std::string::npos)
      << text_of(shop.property(21));
}

TEST(WorldProperties, AWindowThatIsShorterThanPromisedIsSeen) {
  ShopPlan plan = kept_shop("atomic");
  plan.idempotency += "window = \"2s\"\n";
  plan.shop_options += R"(, "--key-window", "300ms")";
  RunningShop shop(plan);
  shop.verify({21});
  EXPECT_VERDICT(shop.property(21), kFail);
  EXPECT_EQ(shop.property(21).harm, PropertyHarm::kEffects);
}

TEST(WorldProperties, TheClockOfAServiceIsMovedOverAWindow) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer's runtime must come before the clock shim, which is preloaded";
#endif
  ShopPlan plan = kept_shop("atomic");
  plan.idempotency += "window = \"24h\"\nclock = \"shop\"\n";
  plan.shop_options += R"(, "--key-window", "24h")";
  RunningShop shop(plan);
  shop.verify({21});
  EXPECT_VERDICT(shop.property(21), kPass);
  EXPECT_EQ(shop.property(21).trials, 3U);
  EXPECT_NE(text_of(shop.property(21)).find("15 carried out anew"), std::string::npos)
      << text_of(shop.property(21));
}

TEST(WorldProperties, WithoutItsKeyStoreAnAtomicShopDoesNothing) {
  const test::Postgres database;
  ShopPlan plan;
  plan.shop_options = R"(, "--db", "postgresql://squall@{{proxy.db}}/postgres")";
  plan.proxies =
      fmt::format("[[proxy]]\nname = \"db\"\nupstream = \"127.0.0.1:{}\"\n", database.port());
  plan.idempotency = "key_store = \"db\"\n";
  RunningShop shop(plan);
  shop.verify({20});
  EXPECT_VERDICT(shop.property(20), kPass);
  EXPECT_NE(text_of(shop.property(20)).find("while db was silent: 0 new requests taken"),
            std::string::npos)
      << text_of(shop.property(20));
}

TEST(WorldProperties, ASecondChargeWhileAStoreIsSilentIsSeen) {
  // The provider's own keys are what this shop relies on, and it has none for it.
  ShopPlan plan = kept_shop("none");
  plan.idempotency += "key_store = \"psp\"\n";
  RunningShop shop(plan);
  shop.verify({20});
  EXPECT_VERDICT(shop.property(20), kFail);
  EXPECT_EQ(shop.property(20).harm, PropertyHarm::kEffects);
}

TEST(WorldProperties, WhatThePlanLacksIsNamed) {
  ShopPlan plan;
  RunningShop shop(plan);
  shop.verify({16, 17, 18, 19, 20, 21, 28});
  for (const model::PropertyResult& one : shop.verified().report.properties) {
    EXPECT_VERDICT(one, kNotTested);
    EXPECT_NE(one.needs.find(": "), std::string::npos) << text_of(one);
  }
  EXPECT_TRUE(shop.property(16).needs.starts_with("idempotency.dependencies: "));
  EXPECT_TRUE(shop.property(17).needs.starts_with("idempotency.restart: "));
  EXPECT_TRUE(shop.property(19).needs.starts_with("target.urls: "));
  EXPECT_TRUE(shop.property(20).needs.starts_with("idempotency.key_store: "));
  EXPECT_TRUE(shop.property(21).needs.starts_with("idempotency.window: "));
  EXPECT_TRUE(shop.property(28).needs.starts_with("idempotency.under_load: "));
}

}  // namespace
}  // namespace squall::app::testing
