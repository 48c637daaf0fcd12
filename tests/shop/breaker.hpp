// A circuit breaker: no calls to a service that fails anyway.
#pragma once

#include <chrono>
#include <mutex>

#include "loadgen/base/time.hpp"

namespace squall::shop {

enum class BreakerMode {
  kNone,        // every call goes out
  kNoHalfOpen,  // opens, and takes every call that it refuses for another failure of the service:
                // while there is traffic it never closes again
  kFull,        // after the reset time one call may try; its success closes, its failure opens anew
};

struct BreakerSettings {
  BreakerMode mode = BreakerMode::kNone;
  unsigned failures = 5;  // so many in a row open it
  Duration reset_time = std::chrono::seconds(1);
};

//   closed ── `failures` in a row ──► open ── reset time ──► half-open ── success ──► closed
//                                      ▲                         │
//                                      └──────── failure ────────┘
// Any thread.
class Breaker {
 public:
  explicit Breaker(BreakerSettings settings) : settings_(settings) {}

  // Whether a call may go out now. REQUIRES: after true, succeeded() or failed() follows.
  [[nodiscard]] bool let_through(TimePoint now);
  void succeeded();
  void failed(TimePoint now);

 private:
  enum class State { kClosed, kOpen, kHalfOpen };

  BreakerSettings settings_;
  std::mutex mutex_;
  State state_ = State::kClosed;
  unsigned failures_ = 0;  // in a row
  TimePoint next_try_;     // open: no call before
};

}  // namespace squall::shop
