// The functions that tell the time.
#include <sys/timeb.h>

#include "faults/process/shim/shim.hpp"

using namespace squall::faults;
using namespace squall::faults::shim;

SQUALL_INTERPOSED int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = real().clock_gettime(clock, time);
  if (result == 0) {
    move(clock, *time);
  }
  return result;
}

SQUALL_INTERPOSED int gettimeofday(timeval* time, void* zone) noexcept {
  if (zone != nullptr) {
    // As the C library has it: no system has had one for decades.
    *static_cast<struct timezone*>(zone) = {};
  }
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
    return -1;
  }
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

SQUALL_INTERPOSED time_t time(time_t* seconds) noexcept {
  // The coarse clock, as the C library's own: it may be a tick behind clock_gettime.
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (seconds != nullptr) {
    *seconds = now.tv_sec;
  }
  return now.tv_sec;
}

SQUALL_INTERPOSED int timespec_get(timespec* time, int base) noexcept {
  if (base != TIME_UTC) {
    return 0;
  }
  return clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

// Gone from the headers, still in old programs.
SQUALL_INTERPOSED int ftime(timeb* time) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {.time = now.tv_sec,
           .millitm = static_cast<unsigned short>(now.tv_nsec / 1'000'000),
           .timezone = 0,
           .dstflag = 0};
  return 0;
}
