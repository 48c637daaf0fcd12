#include "tests/shop/shop.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "tests/shop/database.hpp"
#include "tests/shop/payments.hpp"
#include "tests/shop/role.hpp"
#include "tests/shop/temporary_directory.hpp"
#include "tests/shop/webhooks.hpp"

namespace squall::shop {
namespace {

using Method = HttpService::Method;

// A readiness that takes longer than its callers wait is as good as none.
constexpr Duration kHealthTimeout = std::chrono::milliseconds(200);

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

// What other programs do for the shop.
struct Partners {
  std::unique_ptr<PspClient> psp;
  std::unique_ptr<Dependency> psp_health;
  std::unique_ptr<MailClient> mail;    // null: none
  std::unique_ptr<Webhooks> webhooks;  // null: none
  std::unique_ptr<Redis> key_store;    // null: keys are in the database
  std::unique_ptr<Sessions> sessions;
  std::unique_ptr<Items> items;  // null: none
};

Result<void> connect_psp(const ShopOptions& options, Role& role, Partners& partners) {
  const Dependency::Deps deps = {role.metrics(), role.stop()};
  Result<std::unique_ptr<Dependency>> psp = Dependency::make("psp", options.psp, deps);
  if (!psp) {
    return fail(with_context(psp.error(), "--psp"));
  }
  partners.psp = std::make_unique<PspClient>(std::move(*psp), options.trust);
  return Dependency::make("psp_health", {.url = options.psp.url, .timeout = kHealthTimeout}, deps)
      .map([&](std::unique_ptr<Dependency> health) { partners.psp_health = std::move(health); });
}

Result<void> connect_mail(const ShopOptions& options, Role& role, Partners& partners) {
  if (options.mail.url.empty()) {
    return {};
  }
  Result<std::unique_ptr<Dependency>> mail =
      Dependency::make("mail", options.mail, {role.metrics(), role.stop()});
  if (!mail) {
    return fail(with_context(mail.error(), "--mail"));
  }
  partners.mail = std::make_unique<MailClient>(std::move(*mail));
  return {};
}

Result<void> connect_webhooks(const ShopOptions& options, Database& database, Role& role,
                              Partners& partners) {
  if (options.webhooks.url.empty()) {
    return {};
  }
  Result<std::unique_ptr<Webhooks>> webhooks =
      make_webhooks(options.webhooks, {database, role.log(), role.metrics(), role.stop()});
  if (!webhooks) {
    return fail(with_context(webhooks.error(), "--webhook"));
  }
  partners.webhooks = std::move(*webhooks);
  return {};
}

Result<void> connect_key_store(const ShopOptions& options, Partners& partners) {
  if (options.key_store == KeyStore::kDatabase) {
    return {};
  }
  Result<std::unique_ptr<Redis>> redis =
      Redis::make(options.sessions.redis_address, options.sessions.redis_timeout);
  if (!redis) {
    return fail(with_context(redis.error(), "--redis"));
  }
  partners.key_store = std::move(*redis);
  return {};
}

Result<Partners> connect_partners(const ShopOptions& options, Database& database, Role& role) {
  Partners partners;
  Result<void> connected =
      connect_psp(options, role, partners)
          .and_then([&] { return connect_mail(options, role, partners); })
          .and_then([&] { return connect_webhooks(options, database, role, partners); })
          .and_then([&] { return connect_key_store(options, partners); });
  if (!connected) {
    return fail(connected.error());
  }
  Result<std::unique_ptr<Sessions>> sessions =
      Sessions::make(options.sessions, {database, role.metrics(), role.log()});
  if (!sessions) {
    return fail(with_context(sessions.error(), "--redis"));
  }
  partners.sessions = std::move(*sessions);
  if (!options.items.url.empty()) {
    Result<std::unique_ptr<Items>> items = Items::open(options.items, {role.metrics(), role.log()});
    if (!items) {
      return fail(with_context(items.error(), "--items-db"));
    }
    partners.items = std::move(*items);
  }
  return partners;
}

// Two pools of worker threads, which may be the same; or none.
class Workers {
 public:
  explicit Workers(const PoolsSettings& settings) {
    if (settings.workers == 0) {
      return;
    }
    const bool shared = settings.mode == PoolsMode::kShared;
    const unsigned with_psp = std::max(1U, settings.workers / 2);
    own_ = std::make_unique<WorkerPool>(shared ? settings.workers
                                               : std::max(1U, settings.workers - with_psp));
    if (!shared) {
      bulkhead_ = std::make_unique<WorkerPool>(with_psp, with_psp);
    }
  }

  [[nodiscard]] Handler own(Handler handler) const { return in(own_.get(), std::move(handler)); }
  // For handlers that call the payment provider.
  [[nodiscard]] Handler calling_psp(Handler handler) const {
    return in(bulkhead_ ? bulkhead_.get() : own_.get(), std::move(handler));
  }

 private:
  static Handler in(WorkerPool* pool, Handler handler) {
    if (pool == nullptr) {
      return handler;
    }
    return
        [pool, handler = std::move(handler)](const Call& call) { return pool->run(handler, call); };
  }

  std::unique_ptr<WorkerPool> own_;
  std::unique_ptr<WorkerPool> bulkhead_;  // null: there is one pool
};

int refuse(const Error& error) {
  fmt::print(stderr, "squall-shop: {}\n", error.message);
  return 1;
}

}  // namespace

int run_shop(const ShopOptions& options) {
  Role role("shop", options.http, options.log_level);
  Result<Storage> storage = open_storage(options.database_file);
  if (!storage) {
    return refuse(storage.error());
  }
  Database& database = *storage->database;
  Result<Partners> partners = connect_partners(options, database, role);
  if (!partners) {
    return refuse(partners.error());
  }
  const std::unique_ptr<Keys> keys = make_keys(
      options.keys, {database, role.metrics(), role.log(), role.stop(), partners->key_store.get()});
  PaymentDesk payments({database, *keys, *partners->psp, partners->mail.get(),
                        partners->webhooks.get(), role.metrics(), role.log()});
  const std::unique_ptr<PspEvents> events =
      make_psp_events(options.consumer, {database, role.metrics(), role.log()});
  StockRoom stock(options.stock,
                  {database, role.metrics(), role.log(), *partners->psp, options.sale_currency});
  Prices prices(*partners->psp, options.price_calls);
  Imports imports(options.imports, {database, role.metrics(), role.log()});
  Readings readings(options.readiness,
                    {database, role, *partners->psp_health, partners->items.get()});
  Sessions& sessions = *partners->sessions;
  const Workers workers(options.pools);

  HttpService& http = role.http();
  http.route(Method::kPost, "/payments", "/payments",
             workers.calling_psp([&](const Call& call) { return payments.take(call); }));
  http.route(Method::kPost, "/refunds", "/refunds",
             workers.own([&](const Call& call) { return payments.refund(call); }));
  http.route(Method::kGet, "/payments/([^/]{1,40})", "/payments/{id}",
             workers.own([&](const Call& call) { return payments.look(call); }));
  http.route(Method::kDelete, "/payments/([^/]{1,40})", "/payments/{id}",
             workers.own([&](const Call& call) { return payments.cancel(call); }));
  http.route(Method::kPut, "/payments/([^/]{1,40})/memo", "/payments/{id}/memo",
             workers.own([&](const Call& call) { return payments.set_memo(call); }));
  http.route(Method::kPost, "/webhooks/psp", "/webhooks/psp",
             workers.own([&](const Call& call) { return events->receive(call); }));
  http.route(Method::kGet, "/webhooks/psp/([^/]{1,200})", "/webhooks/psp/{token}",
             workers.own([&](const Call& call) { return events->look(call); }));
  http.route(Method::kGet, "/prices/([0-9]{1,9})", "/prices/{amount}",
             workers.calling_psp([&](const Call& call) { return prices.look(call); }));
  http.route(Method::kPost, "/buy", "/buy",
             workers.own([&](const Call& call) { return stock.buy(call); }));
  http.route(Method::kGet, "/stock/([^/]{1,200})", "/stock/{item}",
             workers.own([&](const Call& call) { return stock.look(call); }));
  http.route(Method::kPut, "/stock/([^/]{1,200})", "/stock/{item}",
             workers.own([&](const Call& call) { return stock.set(call); }));
  http.route(Method::kPost, "/imports", "/imports",
             workers.own([&](const Call& call) { return imports.accept(call); }));
  http.route(Method::kGet, "/imports/imp_([0-9]{1,15})", "/imports/{id}",
             workers.own([&](const Call& call) { return imports.look(call); }));
  http.route(Method::kPost, "/sessions", "/sessions",
             workers.own([&](const Call& call) { return sessions.log_in(call); }));
  http.route(Method::kGet, "/session", "/session",
             workers.own([&](const Call& call) { return sessions.look(call); }));
  if (partners->items) {
    http.route(Method::kGet, "/items/([^/]{1,100})", "/items/{name}",
               workers.own([&](const Call& call) { return partners->items->look(call); }));
  }
  http.route(Method::kGet, "/ledger", "/ledger",
             [&](const Call& call) { return readings.ledger(call); });
  http.route(Method::kGet, "/readyz", "/readyz",
             [&](const Call& call) { return readings.ready(call); });
  return role.serve([&] { storage->directory.remove(); });
}

}  // namespace squall::shop
