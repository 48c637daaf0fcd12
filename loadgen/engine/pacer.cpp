#include "loadgen/engine/pacer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"

namespace squall::engine {
namespace {

using std::chrono::microseconds;

// A virtual machine needs 30 to 60 us from a timer's expiry to running user code.
constexpr Duration kFirstMargin = microseconds(60);
constexpr Duration kMinMargin = microseconds(20);
constexpr Duration kMaxMargin = microseconds(250);

}  // namespace

PaceChoice choose_pace(model::PaceMode mode, unsigned threads, unsigned cores,
                       bool target_on_this_host) {
  switch (mode) {
    case model::PaceMode::kSpin:
      return {true, "spin (asked for)"};
    case model::PaceMode::kTimer:
      return {false, "timer (asked for)"};
    case model::PaceMode::kAuto:
      break;
  }
  const unsigned needed = threads + (target_on_this_host ? 2 : 1);
  if (cores >= needed) {
    return {true, fmt::format("spin ({} cores for {} worker{})", cores, threads,
                              threads == 1 ? "" : "s")};
  }
  return {false, fmt::format("timer ({} core{} for {} worker{}{}: none is free to spin on)", cores,
                             cores == 1 ? "" : "s", threads, threads == 1 ? "" : "s",
                             target_on_this_host ? " and a target on this host" : "")};
}

Pacer::Pacer(net::Loop& loop, bool spin)
    : loop_(loop),
      spin_(spin),
      margin_(spin ? kFirstMargin : Duration::zero()),
      timer_(loop, [this] { woke_ = true; }) {}

void Pacer::wait_until(TimePoint next, TimePoint now) {
  const TimePoint wake = next - margin_;
  if (now >= next) {
    loop_.turn();
    return;
  }
  if (now >= wake) {
    const std::uint64_t events = loop_.events();
    loop_.turn();
    if (loop_.events() == events) {
      spin_ns_ += static_cast<std::uint64_t>((monotonic_now() - now).count());
    }
    return;
  }
  timer_.arm(wake);
  woke_ = false;
  loop_.wait();
  if (woke_ && spin_) {
    learn(monotonic_now() - wake);
  }
}

void Pacer::learn(Duration late) {
  // Grows quickly towards a late wake-up and shrinks slowly: being early costs some spinning, being
  // late costs accuracy.
  margin_ = late > margin_ ? margin_ + (late - margin_) / 4 : margin_ - (margin_ - late) / 512;
  margin_ = std::clamp(margin_, kMinMargin, kMaxMargin);
}

std::uint64_t Pacer::take_spin_ns() {
  return std::exchange(spin_ns_, 0);
}

}  // namespace squall::engine
