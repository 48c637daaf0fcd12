// When a client may try again, and how long it waits.
#pragma once

#include <cstdint>

#include "loadgen/base/rng.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// Retries at most a share of the first attempts, with a burst of 10: a token bucket fed by first
// attempts, as gRPC's retry throttling (gRFC A6) and the retry budget of the Google SRE book,
// chapter "Handling Overload". One thread.
class RetryBudget {
 public:
  explicit RetryBudget(Share share) : share_(share.fraction) {}

  void first_attempt() { tokens_ = tokens_ + share_ > kBurst ? kBurst : tokens_ + share_; }
  // Takes a token; false when there is none. A share of 100% never denies.
  [[nodiscard]] bool take() {
    if (share_ >= 1.0) {
      return true;
    }
    if (tokens_ < 1.0) {
      return false;
    }
    tokens_ -= 1.0;
    return true;
  }

 private:
  static constexpr double kBurst = 10.0;
  double share_;
  double tokens_ = kBurst;
};

// Wait before attempt `attempt` (1: the first retry): backoff * 2^(attempt-1), at most max_backoff,
// with full jitter uniform in [0, that]. A pure function of the stream, so a run with the same seed
// waits the same.
[[nodiscard]] Duration retry_delay(const model::RetryPolicy& policy, StreamId stream,
                                   std::uint64_t arrival, std::uint32_t attempt);

}  // namespace squall::engine
