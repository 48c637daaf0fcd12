// The page of memory through which squall sets the wall clock of a process: written by ClockBlock,
// read by the preload shim in the process. Its layout is a contract between the two, and this
// header needs nothing of the C++ library at run time, because the shim has none.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace squall::faults {

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// drift_ppb of a clock that stands still.
inline constexpr std::int64_t kStandsStill = -kNanosecondsPerSecond;

// What a wall clock shows, as a function of the true one. The default shows the true time.
struct ClockSetting {
  std::int64_t base_ns = 0;    // true time at which it was set; drift and strobe count from it
  std::int64_t offset_ns = 0;  // how far the clock was ahead then; negative: behind
  // Gained each second, in nanoseconds: parts per billion. kStandsStill: the clock is frozen.
  std::int64_t drift_ppb = 0;
  // The clock shows strobe_ns more in every other strobe_period_ns, the first included. Zero: none.
  std::int64_t strobe_ns = 0;
  std::int64_t strobe_period_ns = 0;

  bool operator==(const ClockSetting&) const = default;
};

// Room for sums and products of nanoseconds.
__extension__ using WideInt = __int128;

namespace detail {

constexpr std::int64_t clamped_to_clock(WideInt ns) {
  // A wall clock shows no time before 1970, and std::int64_t none after 2262.
  constexpr std::int64_t kLatest = INT64_MAX;
  return ns < 0 ? 0 : ns > kLatest ? kLatest : static_cast<std::int64_t>(ns);
}

constexpr std::int64_t drift_after(const ClockSetting& setting, std::int64_t elapsed_ns) {
  return static_cast<std::int64_t>(static_cast<WideInt>(elapsed_ns) * setting.drift_ppb /
                                   kNanosecondsPerSecond);
}

}  // namespace detail

// What the clock shows at a true time, both in nanoseconds since 1970.
constexpr std::int64_t shown_at(const ClockSetting& setting, std::int64_t true_ns) {
  const std::int64_t elapsed = true_ns - setting.base_ns;
  WideInt shown = static_cast<WideInt>(true_ns) + setting.offset_ns;
  shown += detail::drift_after(setting, elapsed);
  if (setting.strobe_period_ns > 0 && (elapsed / setting.strobe_period_ns) % 2 == 0) {
    shown += setting.strobe_ns;
  }
  return detail::clamped_to_clock(shown);
}

// How long the true clock runs, from `true_ns`, until the clock shows `shown_ns` or more, if it
// goes on like this: zero when it does already, INT64_MAX when it never will. A strobe's next edge
// ends the wait at the latest, so that the caller looks again.
constexpr std::int64_t true_wait_until(const ClockSetting& setting, std::int64_t true_ns,
                                       std::int64_t shown_ns) {
  const WideInt missing = static_cast<WideInt>(shown_ns) - shown_at(setting, true_ns);
  if (missing <= 0) {
    return 0;
  }
  const std::int64_t pace = kNanosecondsPerSecond + setting.drift_ppb;
  WideInt wait = INT64_MAX;
  if (pace > 0) {
    wait = (missing * kNanosecondsPerSecond + pace - 1) / pace;
  }
  if (setting.strobe_period_ns > 0) {
    const WideInt edge =
        setting.strobe_period_ns - (true_ns - setting.base_ns) % setting.strobe_period_ns;
    wait = wait < edge ? wait : edge;
  }
  return detail::clamped_to_clock(wait);
}

// The block itself, at the start of a file that both sides map. All zero: the true time.
//
// The writer fills the setting that is not in force and then makes it the one in force, so a writer
// that is killed half way leaves the old one whole. Readers repeat when the setting changed under
// them. What is read all the time and what is written all the time share no cache line.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct ClockBlockLayout {
  static constexpr std::uint64_t kMagic = 0x31636b6c63717300;  // changes with the layout

  struct Slot {
    std::atomic<std::int64_t> base_ns;
    std::atomic<std::int64_t> offset_ns;
    std::atomic<std::int64_t> drift_ppb;
    std::atomic<std::int64_t> strobe_ns;
    std::atomic<std::int64_t> strobe_period_ns;
  };

  std::atomic<std::uint64_t> magic;
  std::atomic<std::uint64_t> generation;  // of the setting in force, which is slots[generation % 2]
  std::array<Slot, 2> slots;

  // Written by the processes, on a cache line of their own.
  alignas(128) std::atomic<std::uint64_t> processes;  // that ever mapped the block
  std::atomic<std::uint64_t> readings;                // times told
  std::atomic<std::int64_t> last_shown_ns;            // the last of them
};

static_assert(std::atomic<std::int64_t>::is_always_lock_free);
static_assert(sizeof(ClockBlockLayout) <= 4096);

inline constexpr std::uint64_t kClockBlockSize = 4096;
// Names the file of the block to the shim.
inline constexpr const char* kClockBlockVariable = "SQUALL_CLOCK";
inline constexpr const char* kClockShimName = "libsquall-clock.so";

// The setting in force. Any thread, any process; async-signal-safe.
inline ClockSetting setting_of(const ClockBlockLayout& block) {
  ClockSetting setting;
  std::uint64_t generation = block.generation.load(std::memory_order_acquire);
  while (true) {
    const ClockBlockLayout::Slot& slot = block.slots[generation % 2];
    setting = {.base_ns = slot.base_ns.load(std::memory_order_relaxed),
               .offset_ns = slot.offset_ns.load(std::memory_order_relaxed),
               .drift_ppb = slot.drift_ppb.load(std::memory_order_relaxed),
               .strobe_ns = slot.strobe_ns.load(std::memory_order_relaxed),
               .strobe_period_ns = slot.strobe_period_ns.load(std::memory_order_relaxed)};
    std::atomic_thread_fence(std::memory_order_acquire);
    const std::uint64_t now = block.generation.load(std::memory_order_relaxed);
    if (now == generation) {
      return setting;
    }
    generation = now;
  }
}

// Puts a setting in force. One writer at a time.
inline void put_setting(ClockBlockLayout& block, const ClockSetting& setting) {
  const std::uint64_t next = block.generation.load(std::memory_order_relaxed) + 1;
  ClockBlockLayout::Slot& slot = block.slots[next % 2];
  // Nobody may see a new value in a slot together with a generation before the last one.
  std::atomic_thread_fence(std::memory_order_release);
  slot.base_ns.store(setting.base_ns, std::memory_order_relaxed);
  slot.offset_ns.store(setting.offset_ns, std::memory_order_relaxed);
  slot.drift_ppb.store(setting.drift_ppb, std::memory_order_relaxed);
  slot.strobe_ns.store(setting.strobe_ns, std::memory_order_relaxed);
  slot.strobe_period_ns.store(setting.strobe_period_ns, std::memory_order_relaxed);
  block.generation.store(next, std::memory_order_release);
}

}  // namespace squall::faults
