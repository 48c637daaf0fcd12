// The shop's way to its customers' mailboxes.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/shop/dependency.hpp"
#include "tests/shop/operation.hpp"
#include "tests/shop/trace.hpp"

namespace squall::shop {

// Owns the dependency. Any thread.
class MailClient {
 public:
  explicit MailClient(std::unique_ptr<Dependency> service) : service_(std::move(service)) {}

  // The mail's id. `key`: sent as Idempotency-Key unless it is empty. Failures: 502 when the
  // service fails or refuses, 503 when calls to it are suspended, 504 when it does not answer.
  [[nodiscard]] StepResult send(const std::string& token, const std::string& text,
                                const std::string& key, const Trace& trace);

 private:
  std::unique_ptr<Dependency> service_;
};

}  // namespace squall::shop
