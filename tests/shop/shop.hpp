// The role shop.
#pragma once

#include <string>

#include "loadgen/base/time.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/payments.hpp"
#include "tests/shop/stock.hpp"

namespace squall::shop {

struct ShopOptions {
  HttpOptions http;
  std::string psp_url;
  Duration psp_timeout{};
  PaymentSettings payments;
  StockMode stock = StockMode::kAtomic;
  std::string database_file;  // empty: a private temporary file, removed at exit
  std::string webhook_url;    // empty: no webhooks
  unsigned webhook_attempts = 3;
  LogLevel log_level = LogLevel::kInfo;
};

// Serves until a signal; the process's exit code. 1 with a message on stderr when it cannot start.
[[nodiscard]] int run_shop(const ShopOptions& options);

}  // namespace squall::shop
