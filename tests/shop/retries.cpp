#include "tests/shop/retries.hpp"

#include <algorithm>
#include <chrono>

#include "tests/shop/trace.hpp"

namespace squall::shop {
namespace {

constexpr unsigned kImmediateTries = 5;
constexpr unsigned kBudgetedTries = 3;
constexpr Duration kFirstWait = std::chrono::milliseconds(50);
constexpr double kBudgetPerCall = 0.1;
constexpr double kMaxBudget = 10.0;

}  // namespace

void Retries::count_call() {
  const std::lock_guard lock(mutex_);
  budget_ = std::min(budget_ + kBudgetPerCall, kMaxBudget);
}

std::optional<Duration> Retries::wait_after(unsigned n) {
  switch (mode_) {
    case RetryMode::kNone:
      return std::nullopt;
    case RetryMode::kImmediate:
      return n < kImmediateTries ? std::optional(Duration::zero()) : std::nullopt;
    case RetryMode::kBudgeted:
      break;
  }
  const std::lock_guard lock(mutex_);
  if (n >= kBudgetedTries || budget_ < 1.0) {
    return std::nullopt;
  }
  budget_ -= 1.0;
  // Full jitter: callers that failed together do not come back together.
  return std::chrono::duration_cast<Duration>(random_share() * (kFirstWait * (1U << (n - 1))));
}

}  // namespace squall::shop
