#include "tests/shop/shop.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/database.hpp"
#include "tests/shop/effects.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/paging.hpp"
#include "tests/shop/psp_client.hpp"
#include "tests/shop/role.hpp"
#include "tests/shop/sessions.hpp"
#include "tests/shop/temporary_directory.hpp"
#include "tests/shop/webhooks.hpp"

namespace squall::shop {
namespace {

using Json = nlohmann::ordered_json;
using Method = HttpService::Method;

// Borrows everything. The handlers that need no part of their own.
class Readings {
 public:
  Readings(Database& database, Role& role) : database_(database), role_(role) {}

  [[nodiscard]] Answer payment(const Call& call) {
    const Result<std::optional<Effect>> found = find_effect(*database_.read(), call.group(1));
    if (!found) {
      return database_failed(found.error(), call);
    }
    if (!*found || (*found)->kind != EffectKind::kPayment) {
      return problem(404, "no such payment");
    }
    return {200, payment_json(**found)};
  }

  // `run` is accepted and not looked at: tokens are unique to a run, and what others left is in the
  // oracle's baseline.
  [[nodiscard]] Answer ledger(const Call& call) {
    const Result<Page> page = page_of(call);
    if (!page) {
      return problem(400, page.error().message);
    }
    // One more than asked for tells whether there is a next page.
    Result<std::vector<Effect>> effects =
        list_effects(*database_.read(), {call.query("token"), page->after, page->limit + 1});
    if (!effects) {
      return database_failed(effects.error(), call);
    }
    Json next = nullptr;
    if (static_cast<std::int64_t>(effects->size()) > page->limit) {
      effects->pop_back();
      next = std::to_string(effects->back().seq);
    }
    Json items = Json::array();
    for (const Effect& effect : *effects) {
      items.push_back({{"token", effect.token}, {"id", effect.id()}, {"amount", effect.amount}});
    }
    return {200, Json{{"effects", std::move(items)}, {"next", std::move(next)}}.dump()};
  }

  // The payment provider is not asked: when it is down the shop still answers, and no restart of
  // the shop would help.
  [[nodiscard]] Answer ready(const Call& call) {
    const Result<std::vector<Effect>> read = list_effects(*database_.read(), {std::nullopt, 0, 1});
    return read ? Answer{200, R"({"status":"ready"})"} : database_failed(read.error(), call);
  }

 private:
  [[nodiscard]] Answer database_failed(const Error& error, const Call& call) {
    role_.metrics().database_error();
    role_.log().error("database error", &call.trace(), {{"error", error.message}});
    return problem(503, "the database cannot be used now");
  }

  Database& database_;
  Role& role_;
};

struct Storage {
  TemporaryDirectory directory;  // first, so that it is removed after the database is closed
  std::unique_ptr<Database> database;
};

Result<Storage> open_storage(const std::string& file) {
  Storage storage;
  if (file.empty()) {
    Result<TemporaryDirectory> directory = TemporaryDirectory::make();
    if (!directory) {
      return fail(directory.error());
    }
    storage.directory = std::move(*directory);
  }
  Result<std::unique_ptr<Database>> database =
      file.empty() ? Database::open(storage.directory.path() + "/shop.db", Durability::kProcess)
                   : Database::open(file, Durability::kPower);
  if (!database) {
    return fail(database.error());
  }
  storage.database = std::move(*database);
  return storage;
}

struct Partners {
  std::unique_ptr<HttpPool> psp;
  std::unique_ptr<HttpPool> webhook;  // null: none
};

Result<Partners> connect_partners(const ShopOptions& options) {
  Partners partners;
  Result<std::unique_ptr<HttpPool>> psp = HttpPool::make(options.psp_url, options.psp_timeout);
  if (!psp) {
    return fail(with_context(psp.error(), "--psp"));
  }
  partners.psp = std::move(*psp);
  if (!options.webhook_url.empty()) {
    Result<std::unique_ptr<HttpPool>> webhook =
        HttpPool::make(options.webhook_url, options.psp_timeout);
    if (!webhook) {
      return fail(with_context(webhook.error(), "--webhook"));
    }
    partners.webhook = std::move(*webhook);
  }
  return partners;
}

int refuse(const Error& error) {
  fmt::print(stderr, "squall-shop: {}\n", error.message);
  return 1;
}

}  // namespace

int run_shop(const ShopOptions& options) {
  Result<Partners> partners = connect_partners(options);
  if (!partners) {
    return refuse(partners.error());
  }
  Result<Storage> storage = open_storage(options.database_file);
  if (!storage) {
    return refuse(storage.error());
  }
  Role role("shop", options.http, options.log_level);
  Database& database = *storage->database;
  PspClient psp(std::move(partners->psp), role.metrics());
  std::unique_ptr<Webhooks> webhooks;
  if (partners->webhook) {
    webhooks = std::make_unique<Webhooks>(std::move(partners->webhook), options.webhook_attempts,
                                          Webhooks::Deps{role.log(), role.metrics(), role.stop()});
  }
  const std::unique_ptr<PaymentDesk> payments = make_payment_desk(
      options.payments, {database, psp, webhooks.get(), role.metrics(), role.log(), role.stop()});
  StockRoom stock(options.stock, {database, role.metrics(), role.log()});
  Sessions sessions({database, role.metrics(), role.log()});
  Readings readings(database, role);

  HttpService& http = role.http();
  http.route(Method::kPost, "/payments", "/payments",
             [&](const Call& call) { return payments->take(call); });
  http.route(Method::kPost, "/buy", "/buy", [&](const Call& call) { return stock.buy(call); });
  http.route(Method::kGet, "/payments/([^/]{1,40})", "/payments/{id}",
             [&](const Call& call) { return readings.payment(call); });
  http.route(Method::kGet, "/stock/([^/]{1,200})", "/stock/{item}",
             [&](const Call& call) { return stock.look(call); });
  http.route(Method::kPut, "/stock/([^/]{1,200})", "/stock/{item}",
             [&](const Call& call) { return stock.set(call); });
  http.route(Method::kPost, "/sessions", "/sessions",
             [&](const Call& call) { return sessions.log_in(call); });
  http.route(Method::kGet, "/session", "/session",
             [&](const Call& call) { return sessions.look(call); });
  http.route(Method::kGet, "/ledger", "/ledger",
             [&](const Call& call) { return readings.ledger(call); });
  http.route(Method::kGet, "/readyz", "/readyz",
             [&](const Call& call) { return readings.ready(call); });
  return role.serve([&] { storage->directory.remove(); });
}

}  // namespace squall::shop
