// The shop's way to the payment provider.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "loadgen/base/time.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {

struct ChargeRequest {
  std::int64_t amount = 0;
  std::string token;
  std::optional<std::string>
      key;  // sent as Idempotency-Key: the provider then charges once, however often it is asked
};

// Either the charge's id or what to tell the customer instead.
struct ChargeResult {
  std::optional<std::string> charge;
  Answer failure;
};

// Borrows the metrics. Any thread.
class PspClient {
 public:
  PspClient(std::unique_ptr<HttpPool> pool, Metrics& metrics)
      : pool_(std::move(pool)), metrics_(metrics) {}

  // One call, never repeated. Failures: 402 when the provider refuses, 502 when it fails, 504 when
  // it does not answer.
  [[nodiscard]] ChargeResult charge(const ChargeRequest& request, const Trace& trace);

 private:
  std::unique_ptr<HttpPool> pool_;
  Metrics& metrics_;
};

}  // namespace squall::shop
