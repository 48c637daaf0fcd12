#include "tests/support/eventually.hpp"

#include <poll.h>

#include "loadgen/base/clock.hpp"

namespace squall::test {

bool eventually(const std::function<bool()>& condition, Duration limit) {
  constexpr int kLookAgainMs = 5;
  const TimePoint end = monotonic_now() + limit;
  while (!condition()) {
    if (monotonic_now() >= end) {
      return false;
    }
    ::poll(nullptr, 0, kLookAgainMs);
  }
  return true;
}

}  // namespace squall::test
