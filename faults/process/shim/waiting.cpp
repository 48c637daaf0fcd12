// The functions that wait until an instant of the wall clock.
#include <cerrno>

#include "faults/process/shim/shim.hpp"

using namespace squall::faults;
using namespace squall::faults::shim;

namespace {

// pthread_condattr_setclock's choice, where the C library keeps it (since 2.25).
bool counts_monotonic(const pthread_cond_t& condition) {
  constexpr unsigned kMonotonic = 2;
  return (condition.__data.__wrefs & kMonotonic) != 0;
}

// A wait for a condition that has to look at the clock again returns as if it had been woken, which
// POSIX allows: going on to wait here would lose a wake-up that came in between.
template <class WaitFunction>
int wait_for_condition(const timespec* deadline, int timed_out, WaitFunction wait) {
  ClockBlockLayout* const page = block();
  if (page == nullptr || is_malformed(deadline)) {
    return wait(deadline);
  }
  const Wait step = next_wait(*page, *deadline);
  const int result = wait(&step.until);
  return result == timed_out && !step.last ? 0 : result;
}

template <class WaitFunction>
int wait_for_lock(const timespec* deadline, WaitFunction wait) {
  return static_cast<int>(wait_until(deadline, ETIMEDOUT, wait));
}

// For functions that return -1 and say ETIMEDOUT in errno.
template <class WaitFunction>
long wait_by_errno(const timespec* deadline, WaitFunction wait) {
  constexpr long kTimedOut = -2;
  const long result = wait_until(deadline, kTimedOut, [&](const timespec* until) {
    const long value = wait(until);
    return value == -1 && errno == ETIMEDOUT ? kTimedOut : value;
  });
  return result == kTimedOut ? -1 : result;
}

}  // namespace

SQUALL_INTERPOSED int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                             const timespec* deadline) {
  const auto wait = [=](const timespec* until) {
    return real().pthread_cond_timedwait(condition, mutex, until);
  };
  return counts_monotonic(*condition) ? wait(deadline)
                                      : wait_for_condition(deadline, ETIMEDOUT, wait);
}

SQUALL_INTERPOSED int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                             clockid_t clock, const timespec* deadline) {
  const auto wait = [=](const timespec* until) {
    return real().pthread_cond_clockwait(condition, mutex, clock, until);
  };
  return is_wall_clock(clock) ? wait_for_condition(deadline, ETIMEDOUT, wait) : wait(deadline);
}

SQUALL_INTERPOSED int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* deadline) {
  return wait_for_condition(deadline, thrd_timedout, [=](const timespec* until) {
    return real().cnd_timedwait(condition, mutex, until);
  });
}

SQUALL_INTERPOSED int pthread_mutex_timedlock(pthread_mutex_t* mutex,
                                              const timespec* deadline) noexcept {
  return wait_for_lock(deadline, [=](const timespec* until) {
    return real().pthread_mutex_timedlock(mutex, until);
  });
}

SQUALL_INTERPOSED int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                              const timespec* deadline) noexcept {
  const auto wait = [=](const timespec* until) {
    return real().pthread_mutex_clocklock(mutex, clock, until);
  };
  return is_wall_clock(clock) ? wait_for_lock(deadline, wait) : wait(deadline);
}

SQUALL_INTERPOSED int mtx_timedlock(mtx_t* mutex, const timespec* deadline) {
  return static_cast<int>(wait_until(deadline, thrd_timedout, [=](const timespec* until) {
    return real().mtx_timedlock(mutex, until);
  }));
}

SQUALL_INTERPOSED int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock,
                                                 const timespec* deadline) noexcept {
  return wait_for_lock(deadline, [=](const timespec* until) {
    return real().pthread_rwlock_timedrdlock(lock, until);
  });
}

SQUALL_INTERPOSED int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock,
                                                 const timespec* deadline) noexcept {
  return wait_for_lock(deadline, [=](const timespec* until) {
    return real().pthread_rwlock_timedwrlock(lock, until);
  });
}

SQUALL_INTERPOSED int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                                                 const timespec* deadline) noexcept {
  const auto wait = [=](const timespec* until) {
    return real().pthread_rwlock_clockrdlock(lock, clock, until);
  };
  return is_wall_clock(clock) ? wait_for_lock(deadline, wait) : wait(deadline);
}

SQUALL_INTERPOSED int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                                                 const timespec* deadline) noexcept {
  const auto wait = [=](const timespec* until) {
    return real().pthread_rwlock_clockwrlock(lock, clock, until);
  };
  return is_wall_clock(clock) ? wait_for_lock(deadline, wait) : wait(deadline);
}

SQUALL_INTERPOSED int pthread_timedjoin_np(pthread_t thread, void** result,
                                           const timespec* deadline) {
  return wait_for_lock(deadline, [=](const timespec* until) {
    return real().pthread_timedjoin_np(thread, result, until);
  });
}

SQUALL_INTERPOSED int pthread_clockjoin_np(pthread_t thread, void** result, clockid_t clock,
                                           const timespec* deadline) {
  const auto wait = [=](const timespec* until) {
    return real().pthread_clockjoin_np(thread, result, clock, until);
  };
  return is_wall_clock(clock) ? wait_for_lock(deadline, wait) : wait(deadline);
}

SQUALL_INTERPOSED int sem_timedwait(sem_t* semaphore, const timespec* deadline) {
  return static_cast<int>(wait_by_errno(
      deadline, [=](const timespec* until) { return real().sem_timedwait(semaphore, until); }));
}

SQUALL_INTERPOSED int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* deadline) {
  const auto wait = [=](const timespec* until) {
    return real().sem_clockwait(semaphore, clock, until);
  };
  return is_wall_clock(clock) ? static_cast<int>(wait_by_errno(deadline, wait)) : wait(deadline);
}

SQUALL_INTERPOSED int mq_timedsend(mqd_t queue, const char* message, std::size_t size,
                                   unsigned priority, const timespec* deadline) {
  return static_cast<int>(wait_by_errno(deadline, [=](const timespec* until) {
    return real().mq_timedsend(queue, message, size, priority, until);
  }));
}

SQUALL_INTERPOSED ssize_t mq_timedreceive(mqd_t queue, char* message, std::size_t size,
                                          unsigned* priority, const timespec* deadline) {
  return wait_by_errno(deadline, [=](const timespec* until) {
    return real().mq_timedreceive(queue, message, size, priority, until);
  });
}

SQUALL_INTERPOSED int clock_nanosleep(clockid_t clock, int flags, const timespec* duration,
                                      timespec* left) {
  const auto sleep = [=](const timespec* time) {
    return real().clock_nanosleep(clock, flags, time, left);
  };
  const bool until_wall_time = is_wall_clock(clock) && (flags & TIMER_ABSTIME) != 0;
  return until_wall_time ? static_cast<int>(wait_until(duration, 0, sleep)) : sleep(duration);
}
