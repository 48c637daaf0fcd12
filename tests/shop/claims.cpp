#include "tests/shop/claims.hpp"

#include <chrono>
#include <limits>

#include "loadgen/base/clock.hpp"

namespace squall::shop {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

std::int64_t milliseconds_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

std::unique_ptr<Claims> make_claims(const Keys::Deps& deps, ClaimTimes times) {
  return deps.redis != nullptr ? make_redis_claims(*deps.redis, times)
                               : make_database_claims(deps.database, times);
}

std::int64_t wall_clock_ms() {
  return milliseconds_of(wall_clock_now().time_since_epoch());
}

std::int64_t abandoned_before_ms(const ClaimTimes& times, std::int64_t now_ms) {
  return times.lock_time ? now_ms - milliseconds_of(*times.lock_time) : kNever;
}

std::int64_t forgotten_before_ms(const ClaimTimes& times, std::int64_t now_ms) {
  return times.window == Duration::zero() ? kNever : now_ms - milliseconds_of(times.window);
}

}  // namespace squall::shop
