// squall-shop shop: its command line.
#include <algorithm>
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>

#include "tests/shop/command_line.hpp"
#include "tests/shop/shop.hpp"

namespace squall::shop {
namespace {

constexpr const char* kFooter =
    "\nAuthorization: Bearer TOKEN says who asks: any token is an account of its own, none is one, "
    "too. Nobody sees\n"
    "the payments of others.\n"
    "\nPOST /payments {\"order\",\"amount\",\"token\"}   takes a payment; heeds Idempotency-Key as "
    "--payments says\n"
    "POST /refunds  {\"order\",\"amount\",\"token\"}   the other endpoint with keys\n"
    "GET  /payments/{id}    DELETE /payments/{id}   cancels it    PUT /payments/{id}/memo "
    "{\"memo\"}   with or without a key\n"
    "GET  /prices/{amount}               in four currencies, for each of which the provider is "
    "asked\n"
    "POST /sessions {\"user\"}                      logs in: a canary, and the cookie sid\n"
    "GET  /session                                user and canary of the cookie's session\n"
    "POST /buy {\"item\",\"token\"}      takes a piece out of stock    PUT /stock/{item} "
    "{\"quantity\"}   GET /stock/{item}\n"
    "POST /webhooks/psp {\"id\",\"type\",\"token\",\"amount\",\"version\"}   payment.succeeded "
    "books under the token, any\n"
    "                                    other payment.... says what became of it    GET "
    "/webhooks/psp/{token}\n"
    "POST /imports {\"items\":[{\"item\",\"quantity\"}]}   into stock, later    GET /imports/{id}\n"
    "GET  /items/{name}                  with --items-db: what PostgreSQL knows of item-1 to "
    "item-100\n"
    "GET  /ledger?token=&kind=&limit=&after=   payments, sales and bookings, or with kind=refund "
    "refunds: "
    "{\"effects\":[{\"token\",\n"
    "                                    \"id\",\"amount\"}],\"next\":...}, all of them, or in "
    "pages when there is a limit\n"
    "GET  /healthz /readyz /metrics\n"
    "\nHow payments, refunds and memos treat a repeated key:\n"
    "  none            not at all: every request is carried out\n"
    "  racy            looks the key up, charges, stores the answer: requests that come during the "
    "charge charge again\n"
    "  in-memory       as atomic, with the keys in a map of the process: another replica, or the "
    "same one after a restart,\n"
    "                  charges again\n"
    "  global-keys     as atomic, with keys that are unique for all callers and endpoints: a "
    "caller "
    "is answered what\n"
    "                  another one was\n"
    "  sticky-lock     as atomic, with a lock that never expires and that only a success releases: "
    "after a failure, or a\n"
    "                  crash inside, 409 for ever\n"
    "  body-ignored    as atomic, with keys that are not held against the payload: another payload "
    "is answered what the\n"
    "                  first one was\n"
    "  5xx-not-stored  as atomic, but a failure makes it forget the operation: when a call to the "
    "provider fails after\n"
    "                  it has charged, the next request charges again\n"
    "  atomic          claims the key under a unique constraint, for the caller and the endpoint; "
    "calls others under a\n"
    "                  key of its own that stays the same for the same operation; stores payment "
    "and answer together;\n"
    "                  twins wait for the first and get its answer with Idempotent-Replayed: true. "
    "Answers of successes\n"
    "                  are kept; after a failure the next request goes on with the same operation, "
    "after a refusal (4xx)\n"
    "                  the key is free\n"
    "A key of another payload: 422. In use: --in-flight. No key at all: --require-key. Keys that "
    "are none (empty, longer\n"
    "than 255 bytes, not ASCII, more than one): 400.\n";

void add_key_options(CLI::App& shop, ShopOptions& options) {
  KeySettings& keys = options.keys;
  add_choice(shop, "--payments", keys.mode,
             {{"none", KeysMode::kNone},
              {"racy", KeysMode::kRacy},
              {"in-memory", KeysMode::kInMemory},
              {"global-keys", KeysMode::kGlobal},
              {"sticky-lock", KeysMode::kStickyLock},
              {"body-ignored", KeysMode::kBodyIgnored},
              {"5xx-not-stored", KeysMode::kFailuresNotStored},
              {"atomic", KeysMode::kAtomic}},
             "How payments treat a repeated Idempotency-Key");
  add_duration(shop, "--lock-time", keys.lock_time,
               "When a claim whose owner does not get on counts as abandoned; longer than "
               "--psp-timeout and --mail-timeout");
  add_choice(shop, "--in-flight", keys.in_flight,
             {{"wait", InFlight::kWait}, {"reject", InFlight::kReject}},
             "What a request gets whose key is in use: the same answer as the first, or 409");
  add_duration(shop, "--wait-time", keys.wait_time, "wait: how long, then 409");
  add_choice(shop, "--key-store", options.key_store,
             {{"database", KeyStore::kDatabase}, {"redis", KeyStore::kRedis}},
             "Where keys are; redis: at --redis. Not with none, racy and in-memory");
  add_choice(shop, "--key-store-down", keys.store_down,
             {{"refuse", StoreDown::kRefuse}, {"fail-open", StoreDown::kFailOpen}},
             "What a request with a key gets when the store does not answer: 503, or it is carried "
             "out as if it had none");
  add_limit(shop, "--key-window", keys.window,
            "How long a key is remembered after its first use; later it is a new one");
  shop.add_flag_callback(
      "--require-key", [&keys] { keys.required = KeyRequired::kYes; },
      "Refuse requests without a key (400); not with --payments none");
}

void add_webhook_options(CLI::App& shop, ShopOptions& options) {
  WebhookSettings& webhooks = options.webhooks;
  shop.add_option("--webhook", webhooks.url, "Where to POST an event per payment")
      ->type_name("URL");
  add_choice(
      shop, "--webhook-delivery", webhooks.delivery,
      {{"fire-and-forget", WebhookDelivery::kFireAndForget}, {"outbox", WebhookDelivery::kOutbox}},
      "Events are sent from memory after the payment, a few times; or written down in its "
      "transaction and sent, after growing waits, until they are acknowledged");
  shop.add_option("--webhook-attempts", webhooks.attempts,
                  "fire-and-forget: deliveries tried per event")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  shop.add_option_function<std::string>(
          "--webhook-secret",
          [&options](const std::string& secret) {
            options.webhooks.secret = secret;
            options.consumer.secret = secret;
          },
          "Signs webhooks, and demands that those received are signed: Webhook-Signature is v1, "
          "and the base64 of HMAC-SHA256 over Webhook-Id.Webhook-Timestamp.body")
      ->type_name("TEXT");
  add_choice(shop, "--consumer", options.consumer.mode,
             {{"none", ConsumerMode::kNone},
              {"memory", ConsumerMode::kMemory},
              {"table", ConsumerMode::kTable}},
             "How POST /webhooks/psp knows events that come again: not at all, by a set in memory, "
             "or by a table in one transaction with the booking; there, order does not matter "
             "either");
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
  shop.add_option("--mail", options.mail.url,
                  "URL of the mail service: payments send a receipt after the charge")
      ->type_name("URL");
  add_limit(shop, "--mail-timeout", options.mail.timeout, "How long to wait for it");
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
  shop.add_option("--redis", options.sessions.redis_address,
                  "Address of a Redis server, for sessions and keys")
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
  add_key_options(*shop, *options);
  add_choice(*shop, "--stock", options->stock,
             {{"racy", StockMode::kRacy}, {"atomic", StockMode::kAtomic}},
             "How the last piece is sold");
  shop->add_option("--sale-currency", options->sale_currency,
                   "Currency whose rate the provider is asked for before a piece is sold (default: "
                   "none)")
      ->type_name("CODE");
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
  shop->add_option(
          "--db", options->database_file,
          "SQLite file or PostgreSQL database, shared with other shops or kept (default: a "
          "private file)")
      ->type_name("FILE|URL");
  add_webhook_options(*shop, *options);
  shop->footer(kFooter);
  shop->callback([options, &action] {
    const Duration timeout = options->mail.url.empty()
                                 ? options->psp.timeout
                                 : std::max(options->psp.timeout, options->mail.timeout);
    if (timeout != Duration::zero() && options->keys.lock_time <= timeout) {
      throw CLI::ValidationError("--lock-time",
                                 "must be longer than --psp-timeout and --mail-timeout, or live "
                                 "requests lose their claims");
    }
    action = [options] { return run_shop(*options); };
  });
}

}  // namespace squall::shop
