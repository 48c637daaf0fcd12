// Timers that are set to an instant of the wall clock. The kernel keeps them, so the instant is
// moved once, when it is set: a change of the block later does not move the timer.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "faults/process/shim/shim.hpp"

using namespace squall::faults;
using namespace squall::faults::shim;

namespace {

// The timers on the wall clock that timer_create made: a timer_t does not tell its clock. A timer
// beyond this many keeps its true instants.
constexpr std::size_t kTimers = 256;
std::array<std::atomic<void*>, kTimers> wall_timers{};
// A timer_t may be null, too.
void* const kFree = nullptr;
char null_timer_mark = 0;
void* const kNullTimer = &null_timer_mark;

void* entry_of(timer_t timer) {
  return timer == nullptr ? kNullTimer : timer;
}

void replace(void* from, void* to) {
  for (std::atomic<void*>& entry : wall_timers) {
    void* expected = from;
    if (entry.compare_exchange_strong(expected, to)) {
      return;
    }
  }
}

bool is_wall_timer(timer_t timer) {
  for (const std::atomic<void*>& entry : wall_timers) {
    if (entry.load() == entry_of(timer)) {
      return true;
    }
  }
  return false;
}

// Writes "/proc/self/fdinfo/N".
void name_fdinfo(int file, char* path) {
  constexpr char kFolder[] = "/proc/self/fdinfo/";
  std::memcpy(path, kFolder, sizeof kFolder - 1);
  char* end = path + sizeof kFolder - 1;
  char digits[12];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + file % 10);
    file /= 10;
  } while (file > 0);
  while (count > 0) {
    *end++ = digits[--count];
  }
  *end = '\0';
}

// A descriptor may come from anywhere, so its clock is looked up in the kernel ("clockid: 0").
bool is_wall_timer_file(int file) {
  if (file < 0) {
    return false;
  }
  char path[40];
  name_fdinfo(file, path);
  const long info =
      system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY | O_CLOEXEC);
  if (info < 0) {
    return false;
  }
  char text[512];
  const long size = system_call(SYS_read, info, reinterpret_cast<long>(text), sizeof text - 1);
  system_call(SYS_close, info);
  text[size > 0 ? size : 0] = '\0';
  constexpr char kClock[] = "clockid: ";
  const char* const found = std::strstr(text, kClock);
  return found != nullptr && found[sizeof kClock - 1] == '0' && found[sizeof kClock] == '\n';
}

// The same instant by the true clock.
itimerspec by_true_clock(ClockBlockLayout& page, const itimerspec& shown) {
  itimerspec moved = shown;
  const std::int64_t now = true_now();
  const std::int64_t wait = true_wait_until(setting_of(page), now, to_ns(shown.it_value));
  moved.it_value = to_timespec(detail::clamped_to_clock(static_cast<WideInt>(now) + wait));
  return moved;
}

// Zero disarms a timer, and a malformed instant is the kernel's to refuse.
bool is_instant(const itimerspec* value) {
  return value != nullptr && !is_malformed(&value->it_value) &&
         (value->it_value.tv_sec != 0 || value->it_value.tv_nsec != 0);
}

}  // namespace

SQUALL_INTERPOSED int timer_create(clockid_t clock, sigevent* event, timer_t* timer) noexcept {
  const int result = real().timer_create(clock, event, timer);
  if (result == 0 && is_wall_clock(clock)) {
    replace(kFree, entry_of(*timer));
  }
  return result;
}

SQUALL_INTERPOSED int timer_delete(timer_t timer) noexcept {
  replace(entry_of(timer), kFree);
  return real().timer_delete(timer);
}

SQUALL_INTERPOSED int timer_settime(timer_t timer, int flags, const itimerspec* value,
                                    itimerspec* old) noexcept {
  ClockBlockLayout* const page = block();
  if (page != nullptr && (flags & TIMER_ABSTIME) != 0 && is_instant(value) &&
      is_wall_timer(timer)) {
    const itimerspec moved = by_true_clock(*page, *value);
    return real().timer_settime(timer, flags, &moved, old);
  }
  return real().timer_settime(timer, flags, value, old);
}

SQUALL_INTERPOSED int timerfd_settime(int file, int flags, const itimerspec* value,
                                      itimerspec* old) noexcept {
  ClockBlockLayout* const page = block();
  if (page != nullptr && (flags & TFD_TIMER_ABSTIME) != 0 && is_instant(value) &&
      is_wall_timer_file(file)) {
    const itimerspec moved = by_true_clock(*page, *value);
    return real().timerfd_settime(file, flags, &moved, old);
  }
  return real().timerfd_settime(file, flags, value, old);
}
