// The block, the true time and what becomes of it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <cerrno>
#include <cstdlib>

#include "faults/process/shim/shim.hpp"

namespace squall::faults::shim {
namespace {

enum class Attached : int { kNotYet, kYes, kNo };

std::atomic<ClockBlockLayout*> mapped{nullptr};
std::atomic<Attached> attached{Attached::kNotYet};

// By system calls: open() and mmap() may be other preloaded libraries', with clocks of their own.
ClockBlockLayout* map_file(const char* path) {
  const long file = system_call(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path),
                                O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) {
    return nullptr;
  }
  // A shorter file would be a SIGBUS at the first reading.
  const long size = system_call(SYS_lseek, file, 0, SEEK_END);
  long address = -EINVAL;
  if (size >= static_cast<long>(kClockBlockSize)) {
    address = system_call(SYS_mmap, 0, static_cast<long>(kClockBlockSize), PROT_READ | PROT_WRITE,
                          MAP_SHARED, file, 0);
  }
  system_call(SYS_close, file);
  if (address < 0 && address > -4096) {
    return nullptr;
  }
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel answers with a number
  auto* const page = reinterpret_cast<ClockBlockLayout*>(address);
  if (page->magic.load(std::memory_order_acquire) != ClockBlockLayout::kMagic) {
    system_call(SYS_munmap, address, static_cast<long>(kClockBlockSize));
    return nullptr;
  }
  return page;
}

// Two threads may do this at once before main(): the later mapping goes again.
ClockBlockLayout* attach() {
  const char* const path = secure_getenv(kClockBlockVariable);
  ClockBlockLayout* const page = path == nullptr ? nullptr : map_file(path);
  ClockBlockLayout* expected = nullptr;
  if (page != nullptr && !mapped.compare_exchange_strong(expected, page)) {
    system_call(SYS_munmap, reinterpret_cast<long>(page), static_cast<long>(kClockBlockSize));
    return expected;
  }
  attached.store(page == nullptr ? Attached::kNo : Attached::kYes, std::memory_order_release);
  if (page != nullptr) {
    page->processes.fetch_add(1, std::memory_order_relaxed);
  }
  return page;
}

}  // namespace

long with_errno(long kernel_value) {
  if (kernel_value < 0 && kernel_value > -4096) {
    errno = static_cast<int>(-kernel_value);
    return -1;
  }
  return kernel_value;
}

ClockBlockLayout* block() {
  if (attached.load(std::memory_order_acquire) != Attached::kNotYet) {
    return mapped.load(std::memory_order_acquire);
  }
  return attach();
}

std::int64_t true_now() {
  timespec now{};
  real().clock_gettime(CLOCK_REALTIME, &now);
  return to_ns(now);
}

std::int64_t show(ClockBlockLayout& page, std::int64_t true_ns) {
  const std::int64_t shown = shown_at(setting_of(page), true_ns);
  page.readings.fetch_add(1, std::memory_order_relaxed);
  page.last_shown_ns.store(shown, std::memory_order_relaxed);
  return shown;
}

void move(clockid_t clock, timespec& time) {
  ClockBlockLayout* const page = block();
  if (page == nullptr || !is_wall_clock(clock)) {
    return;
  }
  if (clock == CLOCK_TAI) {  // as far from UTC as the host has it
    const std::int64_t utc = true_now();
    time = to_timespec(
        detail::clamped_to_clock(static_cast<WideInt>(to_ns(time)) - utc + show(*page, utc)));
    return;
  }
  time = to_timespec(show(*page, to_ns(time)));
}

Wait next_wait(ClockBlockLayout& page, const timespec& shown_deadline) {
  const std::int64_t now = true_now();
  const ClockSetting setting = setting_of(page);
  const std::int64_t wait = true_wait_until(setting, now, to_ns(shown_deadline));
  // The end of a strobe's period is no deadline; nor is that of a wait cut short.
  const bool last = wait <= kLongestWait && shown_at(setting, now + wait) >= to_ns(shown_deadline);
  const std::int64_t length = wait < kLongestWait ? wait : kLongestWait;
  return {.until = to_timespec(now + length), .last = last};
}

}  // namespace squall::faults::shim
