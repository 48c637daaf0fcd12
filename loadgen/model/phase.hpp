// The phases of a run: before, while and after something goes wrong.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "loadgen/base/time.hpp"

namespace squall::model {

// Of an arrival, by its intended start. The measured phase begins at t = 0. In a plan with faults
// or actions it is split into the three that follow; in one without it is kMeasured as a whole.
//
//   warmup │ baseline │ fault │ recovery        or        warmup │ measured
//        t = 0
enum class Phase : std::uint8_t {
  kWarmup,
  kMeasured,
  kBaseline,  // before the first fault window or action begins
  kFault,     // from there to the end of the last one
  kRecovery,  // after it
};
inline constexpr std::size_t kPhaseCount = 5;
// "warmup", "measured", "baseline", "fault", "recovery".
[[nodiscard]] std::string_view to_string(Phase value);
// Whether it belongs to the measured phase: all but the warm-up.
[[nodiscard]] constexpr bool is_measured(Phase phase) {
  return phase != Phase::kWarmup;
}

// Where the measured phase is split. A value; immutable once the plan is loaded. Durations are
// after t = 0.
struct PhaseBounds {
  bool split = false;     // something goes wrong on purpose
  Duration fault_from{};  // not below 0; 0: there is no baseline
  Duration fault_to{};

  // Takes a fault window or the time of an action into the fault phase.
  constexpr void cover(Duration from, Duration to) {
    from = std::max(from, Duration::zero());
    to = std::max(from, to);
    fault_from = split ? std::min(fault_from, from) : from;
    fault_to = split ? std::max(fault_to, to) : to;
    split = true;
  }
  [[nodiscard]] constexpr Phase phase_at(Duration offset) const {
    if (offset < Duration::zero()) {
      return Phase::kWarmup;
    }
    if (!split) {
      return Phase::kMeasured;
    }
    return offset < fault_from ? Phase::kBaseline
           : offset < fault_to ? Phase::kFault
                               : Phase::kRecovery;
  }
  // How long a phase lasted in a run whose measured phase had that length; zero for one that it did
  // not have. Of the warm-up: zero, since it is no part of it.
  [[nodiscard]] constexpr Duration length_of(Phase phase, Duration measured) const {
    const Duration from = std::min(fault_from, measured);
    const Duration to = std::min(fault_to, measured);
    switch (phase) {
      case Phase::kWarmup:
        return Duration::zero();
      case Phase::kMeasured:
        return measured;
      case Phase::kBaseline:
        return split ? from : Duration::zero();
      case Phase::kFault:
        return split ? to - from : Duration::zero();
      case Phase::kRecovery:
        return split ? measured - to : Duration::zero();
    }
    return Duration::zero();
  }
  bool operator==(const PhaseBounds&) const = default;
};

// What counts as recovered: a second in which each of the chosen metrics is as good as in the
// baseline, give or take `within`. See recovery.hpp.
struct RecoverySettings {
  double within = 0.2;  // share of the baseline's value
  Duration slack =
      std::chrono::milliseconds(20);  // of response p99, at least, whatever `within` says
  bool error_rate = true;
  bool response_p99 = true;
  bool rate = true;
  bool operator==(const RecoverySettings&) const = default;
};

}  // namespace squall::model
