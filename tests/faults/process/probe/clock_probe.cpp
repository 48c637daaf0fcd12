// What a foreign program sees of its clock: run by the tests of the preload shim, alone, with the
// shim and with libfaketime in front of its C library. Built without sanitizers, as such programs
// are.
//
//   read                 one line for each function that tells the time: its name and nanoseconds
//   wait KIND            waits until an hour from now by its wall clock; says "waiting", then
//                        "NAME-OF-RESULT late" or "… early"
//   tick                 says "ticking", then the time again and again until it is ended
//   hammer N             reads the clock N times in two threads; the largest and smallest
//                        difference to the monotonic clock
//   spawn | fork | clean the same program's `read` in a child: by posix_spawn (a vfork), by fork,
//                        with an empty environment
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t to_ns(const timespec& time) {
  return time.tv_sec * kSecond + time.tv_nsec;
}

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return to_ns(time);
}

timespec from_now(clockid_t clock, std::int64_t ns) {
  const std::int64_t then = read_clock(clock) + ns;
  return {.tv_sec = then / kSecond, .tv_nsec = then % kSecond};
}

void tell(const char* name, std::int64_t ns) {
  std::printf("%s %lld\n", name, static_cast<long long>(ns));
}

// Global constructors run before main().
const std::int64_t before_main = read_clock(CLOCK_REALTIME);

int read_all() {
  tell("before_main", before_main);
  tell("clock_gettime", read_clock(CLOCK_REALTIME));
  tell("coarse", read_clock(CLOCK_REALTIME_COARSE));
  tell("tai", read_clock(CLOCK_TAI));
  tell("time", time(nullptr) * kSecond);
  timeval day{};
  gettimeofday(&day, nullptr);
  tell("gettimeofday", day.tv_sec * kSecond + day.tv_usec * 1000);
  timespec standard{};
  timespec_get(&standard, TIME_UTC);
  tell("timespec_get", to_ns(standard));
  timespec called{};
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &called);
  tell("syscall_clock_gettime", to_ns(called));
  timeval called_day{};
  syscall(SYS_gettimeofday, &called_day, nullptr);
  tell("syscall_gettimeofday", called_day.tv_sec * kSecond + called_day.tv_usec * 1000);
  tell("monotonic", read_clock(CLOCK_MONOTONIC));
  tell("boottime", read_clock(CLOCK_BOOTTIME));
  return 0;
}

using Deadline = const timespec*;

// As the functions that return -1 say it.
int by_errno(long result) {
  return result == -1 ? errno : 0;
}

// Waits for a condition until it is too late: returning early is allowed, as long as the time is
// not said to be out.
template <class Wait>
int until_timed_out(int timed_out, Wait wait) {
  int result = 0;
  while (result == 0) {
    result = wait();
  }
  return result == timed_out ? ETIMEDOUT : result;
}

int wait_condition(Deadline deadline) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  return until_timed_out(ETIMEDOUT,
                         [&] { return pthread_cond_timedwait(&condition, &mutex, deadline); });
}

int wait_condition_by_clock(Deadline deadline) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  return until_timed_out(ETIMEDOUT, [&] {
    return pthread_cond_clockwait(&condition, &mutex, CLOCK_REALTIME, deadline);
  });
}

int wait_c11_condition(Deadline deadline) {
  mtx_t mutex;
  cnd_t condition;
  mtx_init(&mutex, mtx_plain);
  cnd_init(&condition);
  mtx_lock(&mutex);
  return until_timed_out(thrd_timedout,
                         [&] { return cnd_timedwait(&condition, &mutex, deadline); });
}

int wait_c11_mutex(Deadline deadline) {
  mtx_t mutex;
  mtx_init(&mutex, mtx_timed);
  mtx_lock(&mutex);
  return mtx_timedlock(&mutex, deadline) == thrd_timedout ? ETIMEDOUT : 0;
}

int wait_mutex(Deadline deadline) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  return pthread_mutex_timedlock(&mutex, deadline);
}

int wait_mutex_by_clock(Deadline deadline) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  return pthread_mutex_clocklock(&mutex, CLOCK_REALTIME, deadline);
}

// Another thread holds the lock: the same one would be a deadlock that the library sees.
int wait_lock(Deadline deadline, const std::function<int(pthread_rwlock_t*)>& lock) {
  static pthread_rwlock_t held = PTHREAD_RWLOCK_INITIALIZER;
  std::thread([] { pthread_rwlock_wrlock(&held); }).join();
  (void)deadline;
  return lock(&held);
}

int wait_thread(Deadline deadline, bool by_clock) {
  pthread_t thread{};
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        while (true) {
          pause();
        }
      },
      nullptr);
  return by_clock ? pthread_clockjoin_np(thread, nullptr, CLOCK_REALTIME, deadline)
                  : pthread_timedjoin_np(thread, nullptr, deadline);
}

int wait_queue(Deadline deadline, bool receive) {
  const std::string name = "/squall-clock-probe-" + std::to_string(getpid());
  mq_attr attributes{};
  attributes.mq_maxmsg = 1;
  attributes.mq_msgsize = 8;
  const mqd_t queue = mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  if (queue < 0) {
    return errno;
  }
  mq_unlink(name.c_str());
  char message[8] = {};
  if (receive) {
    return by_errno(mq_timedreceive(queue, message, sizeof message, nullptr, deadline));
  }
  mq_send(queue, message, sizeof message, 0);
  return by_errno(mq_timedsend(queue, message, sizeof message, 0, deadline));
}

int wait_futex(Deadline deadline) {
  std::uint32_t word = 0;
  return by_errno(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, deadline,
                          nullptr, FUTEX_BITSET_MATCH_ANY));
}

int wait_timer_file(Deadline deadline) {
  const int file = timerfd_create(CLOCK_REALTIME, 0);
  const itimerspec value{.it_interval = {}, .it_value = *deadline};
  timerfd_settime(file, TFD_TIMER_ABSTIME, &value, nullptr);
  std::uint64_t expirations = 0;
  return read(file, &expirations, sizeof expirations) == sizeof expirations ? ETIMEDOUT : errno;
}

int wait_timer(Deadline deadline) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  timer_t timer{};
  timer_create(CLOCK_REALTIME, &event, &timer);
  const itimerspec value{.it_interval = {}, .it_value = *deadline};
  timer_settime(timer, TIMER_ABSTIME, &value, nullptr);
  int signal = 0;
  sigwait(&signals, &signal);
  timer_delete(timer);
  return signal == SIGUSR1 ? ETIMEDOUT : EINTR;
}

sem_t* taken_semaphore() {
  static sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  return &semaphore;
}

const std::map<std::string, std::function<int(Deadline)>>& waits() {
  static const std::map<std::string, std::function<int(Deadline)>> kWaits{
      {"cond", wait_condition},
      {"cond_clock", wait_condition_by_clock},
      {"cnd", wait_c11_condition},
      {"mtx", wait_c11_mutex},
      {"mutex", wait_mutex},
      {"mutex_clock", wait_mutex_by_clock},
      {"rwlock_read",
       [](Deadline until) {
         return wait_lock(until,
                          [=](auto* lock) { return pthread_rwlock_timedrdlock(lock, until); });
       }},
      {"rwlock_write",
       [](Deadline until) {
         return wait_lock(until,
                          [=](auto* lock) { return pthread_rwlock_timedwrlock(lock, until); });
       }},
      {"rwlock_read_clock",
       [](Deadline until) {
         return wait_lock(until, [=](auto* lock) {
           return pthread_rwlock_clockrdlock(lock, CLOCK_REALTIME, until);
         });
       }},
      {"rwlock_write_clock",
       [](Deadline until) {
         return wait_lock(until, [=](auto* lock) {
           return pthread_rwlock_clockwrlock(lock, CLOCK_REALTIME, until);
         });
       }},
      {"join", [](Deadline until) { return wait_thread(until, false); }},
      {"join_clock", [](Deadline until) { return wait_thread(until, true); }},
      {"sem", [](Deadline until) { return by_errno(sem_timedwait(taken_semaphore(), until)); }},
      {"sem_clock",
       [](Deadline until) {
         return by_errno(sem_clockwait(taken_semaphore(), CLOCK_REALTIME, until));
       }},
      {"mq_receive", [](Deadline until) { return wait_queue(until, true); }},
      {"mq_send", [](Deadline until) { return wait_queue(until, false); }},
      {"nanosleep",
       [](Deadline until) {
         const int result = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, nullptr);
         return result == 0 ? ETIMEDOUT : result;
       }},
      {"syscall_nanosleep",
       [](Deadline until) {
         const long result =
             syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, until, nullptr);
         return result == 0 ? ETIMEDOUT : errno;
       }},
      {"futex", wait_futex},
      {"timerfd", wait_timer_file},
      {"timer", wait_timer},
  };
  return kWaits;
}

int wait_until_an_hour_on(const std::string& kind) {
  const auto wait = waits().find(kind);
  if (wait == waits().end()) {
    return 2;
  }
  const timespec deadline = from_now(CLOCK_REALTIME, 3600 * kSecond);
  std::puts("waiting");
  std::fflush(stdout);
  const int result = wait->second(&deadline);
  const bool late = read_clock(CLOCK_REALTIME) >= to_ns(deadline);
  std::printf("%s %s\n", result == ETIMEDOUT ? "timed out" : std::to_string(result).c_str(),
              late ? "late" : "early");
  std::fflush(stdout);
  _exit(0);  // threads and locks are left as they are
}

// What must not follow the wall clock: ends by itself after a moment of true time.
int wait_by_monotonic_clock() {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_t condition;
  pthread_cond_init(&condition, &attributes);
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  const timespec deadline = from_now(CLOCK_MONOTONIC, kSecond / 50);
  int result = until_timed_out(
      ETIMEDOUT, [&] { return pthread_cond_timedwait(&condition, &mutex, &deadline); });
  if (result == ETIMEDOUT) {
    result = until_timed_out(ETIMEDOUT, [&] {
      return pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &deadline);
    });
  }
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
  std::puts(result == ETIMEDOUT ? "timed out" : "else");
  return 0;
}

int hammer(long times) {
  const auto read = [times](std::int64_t& least, std::int64_t& most) {
    for (long i = 0; i < times; ++i) {
      const std::int64_t ahead = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
      least = std::min(least, ahead);
      most = std::max(most, ahead);
    }
  };
  std::int64_t least[2] = {INT64_MAX, INT64_MAX};
  std::int64_t most[2] = {INT64_MIN, INT64_MIN};
  std::puts("reading");
  std::fflush(stdout);
  std::thread other(read, std::ref(least[1]), std::ref(most[1]));
  read(least[0], most[0]);
  other.join();
  tell("least", std::min(least[0], least[1]));
  tell("most", std::max(most[0], most[1]));
  return 0;
}

int tick() {
  std::puts("ticking");
  while (true) {
    tell("clock_gettime", read_clock(CLOCK_REALTIME));
    std::fflush(stdout);
    const timespec pause{.tv_sec = 0, .tv_nsec = 5'000'000};
    nanosleep(&pause, nullptr);
  }
}

int finish(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int spawn_reader(char* self, bool clean) {
  char role[] = "read";
  char* arguments[] = {self, role, nullptr};
  char* nothing[] = {nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, self, nullptr, nullptr, arguments, clean ? nothing : environ) != 0) {
    return 1;
  }
  return finish(child);
}

int fork_reader() {
  const pid_t child = fork();
  if (child == 0) {
    read_all();
    std::fflush(stdout);
    _exit(0);
  }
  return finish(child);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "read";
  if (role == "wait") {
    return wait_until_an_hour_on(argc > 2 ? argv[2] : "");
  }
  if (role == "monotonic") {
    return wait_by_monotonic_clock();
  }
  if (role == "tick") {
    return tick();
  }
  if (role == "hammer") {
    return hammer(argc > 2 ? std::atol(argv[2]) : 0);
  }
  if (role == "spawn" || role == "clean") {
    return spawn_reader(argv[0], role == "clean");
  }
  return role == "fork" ? fork_reader() : read_all();
}
