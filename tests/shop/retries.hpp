// When a failed call to another service is tried again.
#pragma once

#include <mutex>
#include <optional>

#include "loadgen/base/time.hpp"

namespace squall::shop {

enum class RetryMode {
  kNone,
  kImmediate,  // up to five tries, one right after the other
  kBudgeted,  // up to three, after a growing wait of random length, and only as long as retries are
              // a tenth of the calls
};

// Any thread.
class Retries {
 public:
  explicit Retries(RetryMode mode) : mode_(mode) {}

  // A call, whatever becomes of it: the budget grows by a tenth of a retry.
  void count_call();
  // How long to wait before try n + 1 after try n failed, n from 1; empty: give up.
  [[nodiscard]] std::optional<Duration> wait_after(unsigned n);

 private:
  RetryMode mode_;
  std::mutex mutex_;
  double budget_ = 1.0;  // in retries
};

}  // namespace squall::shop
