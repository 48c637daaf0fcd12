#include "tests/shop/tests/storage.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "tests/shop/postgres.hpp"
#include "tests/support/postgres.hpp"

namespace squall::shop::testing {
namespace {

// Ends with the tests, before static objects go.
class PostgresServer : public ::testing::Environment {
 public:
  void TearDown() override { server_.reset(); }
  std::uint16_t port() {
    if (!server_) {
      server_ = std::make_unique<test::Postgres>();
    }
    return server_->port();
  }

 private:
  std::unique_ptr<test::Postgres> server_;
};
auto* const kServer =
    static_cast<PostgresServer*>(::testing::AddGlobalTestEnvironment(new PostgresServer));

std::string make_postgres_database() {
  static int made = 0;
  const std::string name = "shop" + std::to_string(++made);
  const std::string url = test::Postgres::url(kServer->port());
  const auto connection = PostgresConnection::open(url, std::chrono::seconds(20));
  EXPECT_TRUE(connection) << connection.error().message;
  const Result<void> created =
      connection ? (*connection)->execute("CREATE DATABASE " + name) : fail(connection.error());
  EXPECT_TRUE(created);
  return url.substr(0, url.rfind('/') + 1) + name;
}

}  // namespace

std::string name_of(StorageKind kind) {
  return kind == StorageKind::kSqlite ? "sqlite" : "postgres";
}

Storage::Storage(StorageKind kind)
    : place_(kind == StorageKind::kSqlite ? directory_ / "shop.db" : make_postgres_database()) {}

}  // namespace squall::shop::testing
