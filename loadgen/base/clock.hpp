// Where time comes from. Passed in, never global, so tests run on a clock of their own.
#pragma once

#include "loadgen/base/time.hpp"

namespace squall {

// Any thread may read a Clock. Implementations are cheap enough to call per request, but the hot
// path reads monotonic_now() directly: one vDSO call without a virtual one.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
};

// CLOCK_MONOTONIC of this host, the same timeline as uv_hrtime().
[[nodiscard]] TimePoint monotonic_now();

// CLOCK_REALTIME of this host.
[[nodiscard]] WallTime wall_clock_now();

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return monotonic_now(); }
  [[nodiscard]] WallTime wall_now() const override { return wall_clock_now(); }
};

// Stands still until it is told to move. One thread at a time.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint now = TimePoint(std::chrono::seconds(1)),
                       WallTime wall = WallTime(std::chrono::seconds(1'700'000'000)))
      : now_(now), wall_(wall) {}

  [[nodiscard]] TimePoint now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override { return wall_; }

  void advance(Duration duration) {
    now_ += duration;
    wall_ += duration;
  }
  // Moves the wall clock alone, as an administrator or NTP would.
  void step_wall(Duration duration) { wall_ += duration; }

 private:
  TimePoint now_;
  WallTime wall_;
};

}  // namespace squall
