#include <dlfcn.h>

#include "faults/process/shim/shim.hpp"

namespace squall::faults::shim {
namespace {

RealFunctions functions;
std::atomic<bool> found{false};

template <class Function>
void find(const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Of two versions of a symbol a search without one may give the older, whose condition variables
// are laid out differently.
template <class Function>
void find_newer(const char* name, const char* version, Function& function) {
  function = reinterpret_cast<Function>(dlvsym(RTLD_NEXT, name, version));
  if (function == nullptr) {
    find(name, function);
  }
}

// Two threads may do this at once: both store the same addresses.
void find_all() {
  find("clock_gettime", functions.clock_gettime);
  find_newer("pthread_cond_timedwait", "GLIBC_2.3.2", functions.pthread_cond_timedwait);
  find("pthread_cond_clockwait", functions.pthread_cond_clockwait);
  find("pthread_mutex_timedlock", functions.pthread_mutex_timedlock);
  find("pthread_mutex_clocklock", functions.pthread_mutex_clocklock);
  find("pthread_rwlock_timedrdlock", functions.pthread_rwlock_timedrdlock);
  find("pthread_rwlock_timedwrlock", functions.pthread_rwlock_timedwrlock);
  find("pthread_rwlock_clockrdlock", functions.pthread_rwlock_clockrdlock);
  find("pthread_rwlock_clockwrlock", functions.pthread_rwlock_clockwrlock);
  find("pthread_timedjoin_np", functions.pthread_timedjoin_np);
  find("pthread_clockjoin_np", functions.pthread_clockjoin_np);
  find("sem_timedwait", functions.sem_timedwait);
  find("sem_clockwait", functions.sem_clockwait);
  find("cnd_timedwait", functions.cnd_timedwait);
  find("mtx_timedlock", functions.mtx_timedlock);
  find("mq_timedsend", functions.mq_timedsend);
  find("mq_timedreceive", functions.mq_timedreceive);
  find_newer("clock_nanosleep", "GLIBC_2.17", functions.clock_nanosleep);
  find_newer("timer_create", "GLIBC_2.34", functions.timer_create);
  find_newer("timer_delete", "GLIBC_2.34", functions.timer_delete);
  find_newer("timer_settime", "GLIBC_2.34", functions.timer_settime);
  find("timerfd_settime", functions.timerfd_settime);
}

// Before main() where nothing else runs yet: a signal handler must not be the first to call dlsym.
__attribute__((constructor)) void load() {
  real();
  block();
}

}  // namespace

const RealFunctions& real() {
  if (!found.load(std::memory_order_acquire)) {
    find_all();
    found.store(true, std::memory_order_release);
  }
  return functions;
}

}  // namespace squall::faults::shim
