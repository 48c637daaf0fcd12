#include "loadgen/base/clock.hpp"

#include <ctime>

namespace squall {
namespace {

Duration read_clock(clockid_t id) {
  timespec value{};
  clock_gettime(id, &value);
  return std::chrono::seconds(value.tv_sec) + Duration(value.tv_nsec);
}

}  // namespace

TimePoint monotonic_now() {
  return TimePoint(read_clock(CLOCK_MONOTONIC));
}

WallTime wall_clock_now() {
  return WallTime(read_clock(CLOCK_REALTIME));
}

}  // namespace squall
