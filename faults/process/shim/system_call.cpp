#include <linux/futex.h>
#include <sys/syscall.h>
#include <cerrno>
#include <cstdarg>

#include "faults/process/shim/shim.hpp"

namespace squall::faults::shim {

#if defined(__x86_64__)
long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long fourth asm("r10") = d;
  register long fifth asm("r8") = e;
  register long sixth asm("r9") = f;
  long result = number;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long which asm("x8") = number;
  register long result asm("x0") = a;
  register long second asm("x1") = b;
  register long third asm("x2") = c;
  register long fourth asm("x3") = d;
  register long fifth asm("x4") = e;
  register long sixth asm("x5") = f;
  asm volatile("svc 0"
               : "+r"(result)
               : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
               : "memory");
  return result;
}
#else
#error "the clock shim knows the system calls of x86-64 and AArch64"
#endif

namespace {

// Whether the fourth argument is an instant on the wall clock.
bool waits_for_wall_time(long operation) {
  const long command = operation & FUTEX_CMD_MASK;
  if (command == FUTEX_LOCK_PI) {
    return true;
  }
  return (operation & FUTEX_CLOCK_REALTIME) != 0 &&
         (command == FUTEX_WAIT_BITSET || command == FUTEX_WAIT_REQUEUE_PI);
}

// A value of the program's, at an address that it passed as a number.
template <class Value>
Value* at(long address) {
  return reinterpret_cast<Value*>(address);  // NOLINT(performance-no-int-to-ptr)
}

long clock_read(long clock, long address) {
  const long result = system_call(SYS_clock_gettime, clock, address);
  if (result == 0 && address != 0) {
    move(static_cast<clockid_t>(clock), *at<timespec>(address));
  }
  return result;
}

long time_of_day(long address, long zone) {
  const long result = system_call(SYS_gettimeofday, address, zone);
  ClockBlockLayout* const page = block();
  if (result == 0 && address != 0 && page != nullptr) {
    auto& time = *at<timeval>(address);
    const timespec moved =
        to_timespec(show(*page, to_ns({.tv_sec = time.tv_sec, .tv_nsec = time.tv_usec * 1000})));
    time = {.tv_sec = moved.tv_sec, .tv_usec = moved.tv_nsec / 1000};
  }
  return result;
}

#ifdef SYS_time
long seconds(long address) {
  const long result = system_call(SYS_time);
  ClockBlockLayout* const page = block();
  const long shown = page == nullptr ? result : to_timespec(show(*page, true_now())).tv_sec;
  if (address != 0) {
    *at<time_t>(address) = shown;
  }
  return shown;
}
#endif

}  // namespace
}  // namespace squall::faults::shim

using namespace squall::faults::shim;

// syscall(SYS_clock_gettime, …) and the like; what else programs ask for passes.
SQUALL_INTERPOSED long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  const long a = va_arg(list, long);
  const long b = va_arg(list, long);
  const long c = va_arg(list, long);
  const long d = va_arg(list, long);
  const long e = va_arg(list, long);
  const long f = va_arg(list, long);
  va_end(list);
  switch (number) {
    case SYS_clock_gettime:
      return with_errno(clock_read(a, b));
    case SYS_gettimeofday:
      return with_errno(time_of_day(a, b));
#ifdef SYS_time
    case SYS_time:
      return with_errno(seconds(a));
#endif
    case SYS_futex:
      if (waits_for_wall_time(b)) {
        return with_errno(wait_until(at<const timespec>(d), -ETIMEDOUT, [=](const timespec* until) {
          return system_call(SYS_futex, a, b, c, reinterpret_cast<long>(until), e, f);
        }));
      }
      break;
    case SYS_clock_nanosleep:
      if (is_wall_clock(static_cast<clockid_t>(a)) && (b & TIMER_ABSTIME) != 0) {
        return with_errno(wait_until(at<const timespec>(c), 0, [=](const timespec* until) {
          return system_call(SYS_clock_nanosleep, a, b, reinterpret_cast<long>(until), d);
        }));
      }
      break;
    default:
      break;
  }
  return with_errno(system_call(number, a, b, c, d, e, f));
}
