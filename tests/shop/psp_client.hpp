// The shop's way to the payment provider.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/shop/dependency.hpp"
#include "tests/shop/operation.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {

struct ChargeRequest {
  std::int64_t amount = 0;
  std::string token;
  std::string key;  // sent as Idempotency-Key unless it is empty: the provider then charges once,
                    // however often it is asked
};

enum class ProviderTrust {
  kTrust,     // a success is a success, whatever the answer says
  kValidate,  // the answer must be a charge, of this amount, and say that it succeeded
};

// Owns the dependency. Any thread.
class PspClient {
 public:
  PspClient(std::unique_ptr<Dependency> provider, ProviderTrust trust)
      : provider_(std::move(provider)), trust_(trust) {}

  // The charge's id. Failures: 402 when the provider refuses, 502 when it fails or cannot be
  // understood, 503 when calls to it are suspended, 504 when it does not answer.
  [[nodiscard]] StepResult charge(const ChargeRequest& request, const Trace& trace);
  // What 10,000 units of money are worth in that currency. Fails as Dependency::call; kMalformed
  // when the provider fails or cannot be understood.
  [[nodiscard]] Result<std::int64_t> rate(const std::string& currency, const Trace& trace);

 private:
  std::unique_ptr<Dependency> provider_;
  ProviderTrust trust_;
};

// What a customer is told when a dependency gave no answer (503, 504) or a bad one (502).
[[nodiscard]] Answer dependency_failed(const Error& error);

}  // namespace squall::shop
