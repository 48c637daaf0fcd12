// Waits for the next intended start: asleep until shortly before it, then turning the loop until it
// is due.
//
//   now ─────── asleep on a timerfd ───────►│◄── learned margin: turn the loop without waiting ──►│
//   due
//
// A timer armed for the due instant itself would be late by the kernel's wake-up time (about 30
// us); spinning all the time would burn a core that the target needs. Answers that arrive meanwhile
// are handled at once in either state.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/precise_timer.hpp"

namespace squall::engine {

// How a worker waits. Chosen once per run.
struct PaceChoice {
  bool spin = false;
  std::string
      reason;  // for the report: "spin" or "timer: 2 cores for 1 worker and a target on this host"
};
// kAuto spins only when a core is free for it: cores >= threads + 2, or >= threads + 1 when no
// target is on this host.
[[nodiscard]] PaceChoice choose_pace(model::PaceMode mode, unsigned threads, unsigned cores,
                                     bool target_on_this_host);

// Borrows the loop. Loop thread only.
class Pacer {
 public:
  Pacer(net::Loop& loop, bool spin);

  // Runs one loop turn: at once when `next` is (nearly) due, else asleep until an event or shortly
  // before `next`.
  void wait_until(TimePoint next, TimePoint now);

  // Time spent turning the loop for nothing inside the margin since the last call, ns. A turn that
  // brought an answer was work.
  [[nodiscard]] std::uint64_t take_spin_ns();

 private:
  void learn(Duration late);

  net::Loop& loop_;
  bool spin_;
  bool woke_ = false;
  Duration margin_;
  std::uint64_t spin_ns_ = 0;
  net::PreciseTimer timer_;
};

}  // namespace squall::engine
