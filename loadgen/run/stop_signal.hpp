// How the outside tells a run to end.
#pragma once

#include <atomic>

namespace squall::run {

// Set from a signal handler or another thread, read by the run. 0 while nobody asked; else the
// signal's number.
class StopSignal {
 public:
  void raise(int signal_number) { signal_.store(signal_number); }
  [[nodiscard]] int signal() const { return signal_.load(); }
  [[nodiscard]] bool raised() const { return signal() != 0; }

 private:
  std::atomic<int> signal_{0};
  static_assert(std::atomic<int>::is_always_lock_free, "used in a signal handler");
};

}  // namespace squall::run
