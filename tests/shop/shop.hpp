// The role shop.
#pragma once

#include <string>

#include "loadgen/base/time.hpp"
#include "tests/shop/dependency.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/imports.hpp"
#include "tests/shop/keys.hpp"
#include "tests/shop/postgres_pool.hpp"
#include "tests/shop/prices.hpp"
#include "tests/shop/psp_client.hpp"
#include "tests/shop/psp_events.hpp"
#include "tests/shop/readings.hpp"
#include "tests/shop/sessions.hpp"
#include "tests/shop/stock.hpp"
#include "tests/shop/webhooks.hpp"
#include "tests/shop/worker_pool.hpp"

namespace squall::shop {

enum class KeyStore { kDatabase, kRedis };

struct ShopOptions {
  HttpOptions http;
  DependencySettings psp;
  ProviderTrust trust = ProviderTrust::kValidate;
  DependencySettings mail;  // without a URL: no receipts
  KeySettings keys;
  KeyStore key_store = KeyStore::kDatabase;
  StockMode stock = StockMode::kAtomic;
  std::string sale_currency;  // empty: sales are in the shop's own
  CallOrder price_calls = CallOrder::kParallel;
  PoolsSettings pools;
  SessionsSettings sessions;
  PostgresSettings items;
  ImportsMode imports = ImportsMode::kHandled;
  ReadinessMode readiness = ReadinessMode::kDatabase;
  std::string database_file;  // or URL; empty: a private temporary file, removed at exit
  WebhookSettings webhooks;
  ConsumerSettings consumer;
  LogLevel log_level = LogLevel::kInfo;
};

// Serves until a signal; the process's exit code. 1 with a message on stderr when it cannot start.
[[nodiscard]] int run_shop(const ShopOptions& options);

}  // namespace squall::shop
