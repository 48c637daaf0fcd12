// What the parts of the preload shim share. The shim runs inside foreign programs: before main(),
// in signal handlers, in the child of vfork(), inside their memory allocators. So nothing here
// allocates, locks, throws, uses thread-local memory or the C++ library, and the functions of the
// C library that it stands in front of are called by the addresses found at load time.
//
// A process without a usable block sees the true time.
#pragma once

#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/time.h>
#include <threads.h>
#include <ctime>

#include <cstdint>

#include "faults/process/clock_block.hpp"

// Put before the functions that programs are to find here before the C library's.
#define SQUALL_INTERPOSED extern "C" __attribute__((visibility("default")))

namespace squall::faults::shim {

// The system call without the C library. Returns the kernel's value: -errno on failure.
long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                 long f = 0);
// The value as C functions return it: -1 with errno, or the value.
long with_errno(long kernel_value);

// The block, or null: no SQUALL_CLOCK, or nothing usable there. The first call maps it.
ClockBlockLayout* block();

constexpr std::int64_t to_ns(const timespec& time) {
  const auto ns = static_cast<WideInt>(time.tv_sec) * kNanosecondsPerSecond + time.tv_nsec;
  return detail::clamped_to_clock(ns);
}
constexpr timespec to_timespec(std::int64_t ns) {
  return {.tv_sec = ns / kNanosecondsPerSecond, .tv_nsec = ns % kNanosecondsPerSecond};
}

// What the program's wall clock shows at a true time; counted as a reading. Takes and gives
// nanoseconds since 1970.
std::int64_t show(ClockBlockLayout& block, std::int64_t true_ns);

// The true CLOCK_REALTIME.
std::int64_t true_now();

// Whether the clock follows the block. CLOCK_MONOTONIC and its kin never do.
constexpr bool is_wall_clock(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

// Moves a reading of the true clock `clock` to what the block shows; other clocks stay.
void move(clockid_t clock, timespec& time);

// A timed wait of the kernel measures true time, and the block may change while it goes on. So a
// wait until a shown instant is made of waits until true ones, none longer than this.
inline constexpr std::int64_t kLongestWait = 100'000'000;

// One such wait.
struct Wait {
  timespec until{};   // true time
  bool last = false;  // the shown deadline is reached then: a time-out is one
};
Wait next_wait(ClockBlockLayout& block, const timespec& shown_deadline);

// True for deadlines that the kernel or the C library refuses, which then say so themselves.
constexpr bool is_malformed(const timespec* deadline) {
  return deadline == nullptr || deadline->tv_nsec < 0 || deadline->tv_nsec >= kNanosecondsPerSecond;
}

// Waits until a shown deadline: calls wait(true deadline) until it returns anything but
// `timed_out`, or the deadline has come. Returns what it returned.
template <class WaitFunction>
long wait_until(const timespec* deadline, long timed_out, WaitFunction wait) {
  ClockBlockLayout* const page = block();
  if (page == nullptr || is_malformed(deadline)) {
    return wait(deadline);
  }
  while (true) {
    const Wait step = next_wait(*page, *deadline);
    const long result = wait(&step.until);
    if (result != timed_out || step.last) {
      return result;
    }
  }
}

// The functions that the shim stands in front of.
struct RealFunctions {
  decltype(&::clock_gettime) clock_gettime;
  decltype(&::pthread_cond_timedwait) pthread_cond_timedwait;
  decltype(&::pthread_cond_clockwait) pthread_cond_clockwait;
  decltype(&::pthread_mutex_timedlock) pthread_mutex_timedlock;
  decltype(&::pthread_mutex_clocklock) pthread_mutex_clocklock;
  decltype(&::pthread_rwlock_timedrdlock) pthread_rwlock_timedrdlock;
  decltype(&::pthread_rwlock_timedwrlock) pthread_rwlock_timedwrlock;
  decltype(&::pthread_rwlock_clockrdlock) pthread_rwlock_clockrdlock;
  decltype(&::pthread_rwlock_clockwrlock) pthread_rwlock_clockwrlock;
  decltype(&::pthread_timedjoin_np) pthread_timedjoin_np;
  decltype(&::pthread_clockjoin_np) pthread_clockjoin_np;
  decltype(&::sem_timedwait) sem_timedwait;
  decltype(&::sem_clockwait) sem_clockwait;
  decltype(&::cnd_timedwait) cnd_timedwait;
  decltype(&::mtx_timedlock) mtx_timedlock;
  decltype(&::mq_timedsend) mq_timedsend;
  decltype(&::mq_timedreceive) mq_timedreceive;
  decltype(&::clock_nanosleep) clock_nanosleep;
  decltype(&::timer_create) timer_create;
  decltype(&::timer_delete) timer_delete;
  decltype(&::timer_settime) timer_settime;
  int (*timerfd_settime)(int, int, const itimerspec*, itimerspec*);
};

// All found. Called first thing by whatever needs one of them.
const RealFunctions& real();

}  // namespace squall::faults::shim
