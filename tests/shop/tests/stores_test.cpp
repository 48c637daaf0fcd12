// The shop on real PostgreSQL and Redis servers.
#include <gtest/gtest.h>

#include <future>

#include <nlohmann/json.hpp>

#include "tests/shop/database.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/postgres_database.hpp"
#include "tests/shop/postgres_pool.hpp"
#include "tests/shop/tests/shop_process.hpp"
#include "tests/shop/tests/storage.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/redis.hpp"

namespace squall::shop {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::Reply;
using testing::ShopProcess;

constexpr const char* kNoProvider = "http://127.0.0.1:1";

std::string address(const test::Redis& redis) {
  return "127.0.0.1:" + std::to_string(redis.port());
}

std::string log_in(const ShopProcess& shop) {
  const Reply reply = testing::request(shop.port(), "POST", "/sessions", R"({"user":"alice"})");
  EXPECT_EQ(reply.status, 201) << reply.body;
  const auto cookie = reply.headers.find("Set-Cookie");
  return cookie == reply.headers.end() ? "" : cookie->second.substr(0, cookie->second.find(';'));
}

int session_status(const ShopProcess& shop, const std::string& cookie) {
  return testing::request(shop.port(), "GET", "/session", "", {{"Cookie", cookie}}).status;
}

TEST(ShopSessions, InRedisAloneTheyGoWithIt) {
  auto redis = std::make_unique<test::Redis>();
  const ShopProcess shop(
      {"shop", "--psp", kNoProvider, "--sessions", "redis", "--redis", address(*redis)});
  const std::string cookie = log_in(shop);
  EXPECT_EQ(session_status(shop, cookie), 200);
  EXPECT_EQ(session_status(shop, "sid=unknown"), 401);
  redis.reset();
  EXPECT_EQ(session_status(shop, cookie), 503);
}

TEST(ShopSessions, CachedTheySurviveIt) {
  auto redis = std::make_unique<test::Redis>();
  const ShopProcess shop(
      {"shop", "--psp", kNoProvider, "--sessions", "cached", "--redis", address(*redis)});
  const std::string cookie = log_in(shop);
  EXPECT_EQ(session_status(shop, cookie), 200);
  redis.reset();
  EXPECT_EQ(session_status(shop, cookie), 200);
  EXPECT_EQ(session_status(shop, log_in(shop)), 200) << "logging in works, too";
}

TEST(ShopSessions, WithoutAnAddressTheShopDoesNotStart) {
  ShopProcess shop({"shop", "--psp", kNoProvider, "--sessions", "redis"});
  EXPECT_EQ(shop.wait(), 1);
}

class ItemsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { postgres_ = std::make_unique<test::Postgres>(); }
  static void TearDownTestSuite() { postgres_.reset(); }
  static std::string url() { return test::Postgres::url(postgres_->port()); }
  static PostgresSettings settings() { return {.url = url(), .connections = 1}; }

  static std::unique_ptr<test::Postgres> postgres_;
};
std::unique_ptr<test::Postgres> ItemsTest::postgres_;

TEST_F(ItemsTest, TheShopReadsThemFromPostgres) {
  const ShopProcess shop({"shop", "--psp", kNoProvider, "--items-db", url()});
  EXPECT_EQ(json::parse(shop.get("/items/item-7").body),
            (json{{"name", "item-7"}, {"price", 700}}));
  EXPECT_EQ(shop.get("/items/item-101").status, 404);
  EXPECT_EQ(shop.get("/items/%27%3Bdrop").status, 404);
}

TEST_F(ItemsTest, AFullPoolRefusesAfterTheAcquireTimeout) {
  PostgresSettings one = settings();
  one.acquire_timeout = milliseconds(1);
  one.query_timeout = Duration::zero();
  PostgresPool holder(settings());
  ASSERT_TRUE(holder.query("SELECT pg_advisory_lock(1)", {}));
  PostgresPool pool(one);
  auto waiting =
      std::async(std::launch::async, [&] { return pool.query("SELECT pg_advisory_lock(1)", {}); });
  ASSERT_TRUE(test::eventually([&] {
    const auto count = holder.query("SELECT count(*) FROM pg_locks WHERE NOT granted", {});
    return count && (*count)[0][0] == "1";
  }));
  const auto refused = pool.query("SELECT 1", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kExhausted);
  ASSERT_TRUE(holder.query("SELECT pg_advisory_unlock(1)", {}));
  EXPECT_TRUE(waiting.get());
}

TEST_F(ItemsTest, AStatementThatTakesTooLongIsGivenUpAndItsPlaceIsFree) {
  PostgresSettings one = settings();
  one.query_timeout = milliseconds(300);
  PostgresPool pool(one);
  const auto slow = pool.query("SELECT pg_sleep(3600)", {});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(pool.query("SELECT 1", {}));
}

TEST_F(ItemsTest, ALeakyPoolLosesAConnectionWithEachError) {
  PostgresSettings leaky = settings();
  leaky.connections = 2;
  leaky.acquire_timeout = milliseconds(1);
  leaky.on_error = OnQueryError::kLeak;
  PostgresPool pool(leaky);
  for (int i = 0; i < 2; ++i) {
    const auto failed = pool.query("SELECT nothing", {});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::kMalformed) << failed.error().message;
  }
  const auto none_left = pool.query("SELECT 1", {});
  ASSERT_FALSE(none_left);
  EXPECT_EQ(none_left.error().code, ErrorCode::kExhausted);

  PostgresSettings sound = leaky;
  sound.on_error = OnQueryError::kGiveBack;
  PostgresPool given_back(sound);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(given_back.query("SELECT nothing", {}));
  }
  EXPECT_EQ((*given_back.query("SELECT $1::text", {"x"}))[0][0], "x");
}

TEST(PostgresDatabase, ParametersAreNumbered) {
  EXPECT_EQ(with_numbered_parameters("SELECT a FROM b WHERE c = ? AND d = ?"),
            "SELECT a FROM b WHERE c = $1 AND d = $2");
  EXPECT_EQ(with_numbered_parameters("INSERT INTO a VALUES(?1, ?2) ON CONFLICT SET b = ?2"),
            "INSERT INTO a VALUES($1, $2) ON CONFLICT SET b = $2");
}

// Whoever uses a connection next connects again; whoever lost one does not, or a transaction would
// go on without its beginning.
TEST(PostgresDatabase, ALostConnectionFailsItsUserAndNotTheNextOne) {
  const testing::Storage storage(testing::StorageKind::kPostgres);
  const auto opened = Database::open(storage.place(), Durability::kProcess);
  ASSERT_TRUE(opened) << opened.error().message;
  Database& database = **opened;
  {
    const Database::WriteLease writer = database.write();
    Transaction transaction(*writer);
    ASSERT_TRUE(transaction.begin());
    ASSERT_TRUE(insert_effect(*writer, {.token = "lost"}));
    EXPECT_FALSE(writer->prepare("SELECT pg_terminate_backend(pg_backend_pid())").run());
    EXPECT_FALSE(insert_effect(*writer, {.token = "lost"}));
    EXPECT_FALSE(transaction.commit());
  }
  const Database::WriteLease writer = database.write();
  EXPECT_TRUE(insert_effect(*writer, {.token = "kept"}));
  const auto effects = list_effects(*writer, {});
  ASSERT_TRUE(effects);
  ASSERT_EQ(effects->size(), 1U);
  EXPECT_EQ((*effects)[0].token, "kept");
}

TEST(PostgresDatabase, TheWholeShopRunsOnIt) {
  const testing::Storage storage(testing::StorageKind::kPostgres);
  const ShopProcess shop({"shop", "--psp", kNoProvider, "--db", storage.place()});
  const auto ask = [&](const std::string& method, const std::string& path,
                       const std::string& body) {
    return testing::request(shop.port(), method, path, body);
  };
  EXPECT_EQ(ask("PUT", "/stock/hat", R"({"quantity":2})").status, 200);
  EXPECT_EQ(ask("POST", "/buy", R"({"item":"hat","token":"t"})").status, 201);
  EXPECT_EQ(json::parse(shop.get("/stock/hat").body)["quantity"], 1);
  EXPECT_EQ(shop.effects("t"), 1U);
  const Reply import = ask("POST", "/imports", R"({"items":[{"item":"hat","quantity":4}]})");
  ASSERT_EQ(import.status, 202) << import.body;
  const std::string path = "/imports/" + json::parse(import.body)["id"].get<std::string>();
  EXPECT_TRUE(
      test::eventually([&] { return json::parse(shop.get(path).body)["state"] == "done"; }));
  EXPECT_EQ(json::parse(shop.get("/stock/hat").body)["quantity"], 5);
  EXPECT_EQ(session_status(shop, log_in(shop)), 200);
  EXPECT_EQ(shop.get("/readyz").status, 200);
}

TEST(PostgresDatabase, OneThatIsAwayKeepsTheShopFromStarting) {
  ShopProcess shop({"shop", "--psp", kNoProvider, "--db", "postgres://squall@127.0.0.1:1/x"});
  EXPECT_EQ(shop.wait(), 1);
}

}  // namespace
}  // namespace squall::shop
