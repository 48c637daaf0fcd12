// Waits until effects have come to rest: two equal readings of an oracle, a while apart.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::effects {

struct SettleOptions {
  Duration
      apart{};  // between two readings that must agree; zero: the first one that succeeds counts
  Duration timeout{};                               // of it all, then the last reading counts
  Duration read_budget = std::chrono::seconds(30);  // of one reading
  Duration retry_after =
      std::chrono::milliseconds(200);  // a reading that failed, when `apart` is shorter
  // Whether an answer that makes no sense ends it: before the load it is the plan that is wrong.
  bool malformed_is_final = false;
  // Asked after a reading that failed or left keys undecided: true when no later one can be better.
  // Empty: never.
  std::function<bool()> hopeless = {};
  // When two readings agree. Empty: when they are equal.
  std::function<bool(const model::OracleReading& a, const model::OracleReading& b)> agree = {};
};

// Passes time, the clock's: sleeps in a run, moves a ManualClock in tests. Gives false when waiting
// was interrupted.
using Wait = std::function<bool(Duration)>;
// Told after each reading, for people: "312 effects, 2s".
using SettleProgress = std::function<void(std::string_view text)>;

struct Settled {
  model::OracleReading reading;  // empty when there is a problem
  bool stable = false;           // two equal readings, no key undecided
  Duration took{};               // to the reading that counts
  std::string problem;           // why there is no reading; empty when there is one
};

// Reads `oracle` until two readings at least `apart` from each other are equal and leave no key
// undecided (or hold a total, which decides none), or the time is up: then the last reading counts,
// and a reading that failed last is a problem (an older one says nothing about now). The thread of
// the run; blocks, but at most about timeout + read_budget.
[[nodiscard]] Settled settle(model::Oracle& oracle, std::span<const std::string> keys,
                             const SettleOptions& options, const Clock& clock, const Wait& wait,
                             const SettleProgress& progress);

// Effects in a reading, all keys together.
[[nodiscard]] std::uint64_t total_effects(const model::OracleReading& reading);

}  // namespace squall::effects
