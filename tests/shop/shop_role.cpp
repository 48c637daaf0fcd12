// squall-shop shop: its command line.
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/shop.hpp"

namespace squall::shop {
namespace {

constexpr const char* kFooter =
    "\nPOST /payments {\"order\",\"amount\",\"token\"}   takes a payment; heeds Idempotency-Key as "
    "--payments says\n"
    "GET  /payments/{id}\n"
    "GET  /prices/{amount}               in four currencies, for each of which the provider is "
    "asked\n"
    "POST /sessions {\"user\"}                      logs in: a canary, and the cookie sid\n"
    "GET  /session                                user and canary of the cookie's session\n"
    "POST /buy {\"item\",\"token\"}      takes a piece out of stock    PUT /stock/{item} "
    "{\"quantity\"}   GET /stock/{item}\n"
    "POST /imports {\"items\":[{\"item\",\"quantity\"}]}   into stock, later    GET /imports/{id}\n"
    "GET  /items/{name}                  with --items-db: what PostgreSQL knows of item-1 to "
    "item-100\n"
    "GET  /ledger?token=&limit=&after=   payments and sales: "
    "{\"effects\":[{\"token\",\"id\",\"amount\"}],\"next\":...},\n"
    "                                    all of them, or in pages when there is a limit\n"
    "GET  /healthz /readyz /metrics\n"
    "\nHow payments treat a repeated key:\n"
    "  none    not at all: every POST charges\n"
    "  racy    looks the key up, charges, stores the answer: requests that come during the charge "
    "charge again\n"
    "  atomic  claims the key under a unique constraint, charges under the same key, stores "
    "payment and answer\n"
    "          together; twins wait for the first and get its answer with Idempotent-Replayed: "
    "true\n";

void add_payment_options(CLI::App& shop, ShopOptions& options) {
  options.payments.lock_time = std::chrono::seconds(5);
  options.payments.wait_time = std::chrono::seconds(5);
  add_choice(shop, "--payments", options.payments.mode,
             {{"none", PaymentsMode::kNone},
              {"racy", PaymentsMode::kRacy},
              {"atomic", PaymentsMode::kAtomic}},
             "How payments treat a repeated Idempotency-Key");
  add_duration(shop, "--lock-time", options.payments.lock_time,
               "atomic: when a claim counts as abandoned; longer than --psp-timeout");
  add_duration(shop, "--wait-time", options.payments.wait_time,
               "atomic: how long twins wait, then 409");
}

void add_provider_options(CLI::App& shop, ShopOptions& options) {
  shop.add_option("--psp", options.psp.url, "URL of the payment provider")
      ->required()
      ->type_name("URL");
  add_limit(shop, "--psp-timeout", options.psp.timeout,
            "How long to wait for the payment provider, at each try");
  add_choice(shop, "--psp-retries", options.psp.retries,
             {{"none", RetryMode::kNone},
              {"immediate", RetryMode::kImmediate},
              {"budgeted", RetryMode::kBudgeted}},
             "When the provider fails: give up; try at once, five times in all; try "
             "after a random, growing wait while retries are below 10% of the calls");
  add_choice(shop, "--breaker", options.psp.breaker.mode,
             {{"none", BreakerMode::kNone},
              {"no-half-open", BreakerMode::kNoHalfOpen},
              {"full", BreakerMode::kFull}},
             "Whether calls are suspended after five failures in a row, and how they "
             "are taken up again");
  add_duration(shop, "--breaker-reset", options.psp.breaker.reset_time,
               "How long calls are suspended");
  add_choice(shop, "--provider-answers", options.trust,
             {{"trust", ProviderTrust::kTrust}, {"validate", ProviderTrust::kValidate}},
             "Whether any success counts as a charge");
  add_choice(shop, "--price-calls", options.price_calls,
             {{"serial", CallOrder::kSerial}, {"parallel", CallOrder::kParallel}},
             "How the provider is asked for several rates");
}

void add_capacity_options(CLI::App& shop, ShopOptions& options) {
  shop.add_option("--workers", options.pools.workers,
                  "Requests worked on at the same time; 0: as many as there are connections")
      ->capture_default_str();
  add_choice(shop, "--pools", options.pools.mode,
             {{"shared", PoolsMode::kShared}, {"bulkhead", PoolsMode::kBulkhead}},
             "One pool of workers for everything, or half of them for what calls the provider");
}

void add_sessions_options(CLI::App& shop, ShopOptions& options) {
  add_choice(shop, "--sessions", options.sessions.mode,
             {{"database", SessionsMode::kDatabase},
              {"redis", SessionsMode::kRedis},
              {"cached", SessionsMode::kCached}},
             "Where sessions are: in the shop's database, in Redis alone, or in the "
             "database with Redis as a cache");
  shop.add_option("--redis", options.sessions.redis_address, "Address of a Redis server")
      ->type_name("HOST:PORT");
}

void add_items_options(CLI::App& shop, ShopOptions& options) {
  PostgresSettings& items = options.items;
  shop.add_option("--items-db", items.url, "PostgreSQL database of the items")->type_name("URL");
  shop.add_option("--items-connections", items.connections, "Connections to it at most")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  add_limit(shop, "--items-acquire", items.acquire_timeout,
            "How long a request waits for a free connection");
  add_limit(shop, "--items-timeout", items.query_timeout,
            "How long it waits for the database's answer");
  add_choice(shop, "--items-on-error", items.on_error,
             {{"give-back", OnQueryError::kGiveBack}, {"leak", OnQueryError::kLeak}},
             "Whether a failed statement gives its connection back");
}

}  // namespace

void add_shop_role(CLI::App& app, Action& action) {
  CLI::App* shop = app.add_subcommand("shop", "A shop that takes payments and sells from stock");
  auto options = std::make_shared<ShopOptions>();
  add_service_options(*shop, options->http, options->log_level);
  add_provider_options(*shop, *options);
  add_payment_options(*shop, *options);
  add_choice(*shop, "--stock", options->stock,
             {{"racy", StockMode::kRacy}, {"atomic", StockMode::kAtomic}},
             "How the last piece is sold");
  add_capacity_options(*shop, *options);
  add_sessions_options(*shop, *options);
  add_items_options(*shop, *options);
  add_choice(*shop, "--imports", options->imports,
             {{"uncaught", ImportsMode::kUncaught}, {"handled", ImportsMode::kHandled}},
             "Whether an import that cannot be read ends the process or is refused");
  add_choice(*shop, "--readiness", options->readiness,
             {{"process", ReadinessMode::kProcess},
              {"database", ReadinessMode::kDatabase},
              {"dependencies", ReadinessMode::kDependencies}},
             "What /readyz looks at");
  shop->add_option("--db", options->database_file,
                   "SQLite file, shared with other shops or kept (default: a private one)")
      ->type_name("FILE");
  shop->add_option("--webhook", options->webhook_url, "Where to POST an event per payment")
      ->type_name("URL");
  shop->add_option("--webhook-attempts", options->webhook_attempts, "Deliveries tried per event")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  shop->footer(kFooter);
  shop->callback([options, &action] {
    const Duration timeout = options->psp.timeout;
    if (timeout != Duration::zero() && options->payments.lock_time <= timeout) {
      throw CLI::ValidationError(
          "--lock-time", "must be longer than --psp-timeout, or live requests lose their claims");
    }
    action = [options] { return run_shop(*options); };
  });
}

}  // namespace squall::shop
