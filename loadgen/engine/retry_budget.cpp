#include "loadgen/engine/retry_budget.hpp"

#include <algorithm>

namespace squall::engine {

Duration retry_delay(const model::RetryPolicy& policy, StreamId stream, std::uint64_t arrival,
                     std::uint32_t attempt) {
  Duration delay = policy.backoff;
  for (std::uint32_t i = 1; i < attempt && delay < policy.max_backoff; ++i) {
    delay *= 2;
  }
  delay = std::min(delay, policy.max_backoff);
  if (policy.jitter == model::Jitter::kFull) {
    delay = Duration(static_cast<Duration::rep>(static_cast<double>(delay.count()) *
                                                stream.unit_at(arrival, attempt)));
  }
  return delay;
}

}  // namespace squall::engine
