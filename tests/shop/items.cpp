#include "tests/shop/items.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "tests/shop/http_service.hpp"

namespace squall::shop {
namespace {

// The lock lets several shops start on one database at the same time.
constexpr const char* kSchema = R"(
SELECT pg_advisory_xact_lock(4711);
CREATE TABLE IF NOT EXISTS items(name text PRIMARY KEY, price bigint NOT NULL);
INSERT INTO items SELECT 'item-' || n, 100 * n FROM generate_series(1, 100) AS n
  ON CONFLICT DO NOTHING;
)";

}  // namespace

Result<std::unique_ptr<Items>> Items::open(const PostgresSettings& settings, Deps deps) {
  std::unique_ptr<Items> items(new Items(settings, deps));
  if (const Result<void> made = items->pool_.execute(kSchema); !made) {
    return fail(made.error());
  }
  return items;
}

Answer Items::look(const Call& call) {
  const std::string name = call.group(1);
  const Result<PostgresConnection::Rows> rows =
      pool_.query("SELECT price FROM items WHERE name = $1", {name});
  if (!rows) {
    deps_.metrics.database_error();
    deps_.log.error("database error", &call.trace(), {{"error", rows.error().message}});
    return problem(503, "the database cannot be used now");
  }
  if (rows->empty()) {
    return problem(404, "no such item");
  }
  const nlohmann::ordered_json json = {{"name", name}, {"price", std::stoll((*rows)[0][0])}};
  return {200, json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

Result<void> Items::check() {
  return pool_.query("SELECT 1", {}).map([](const auto&) {});
}

}  // namespace squall::shop
