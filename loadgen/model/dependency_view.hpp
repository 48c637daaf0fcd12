// What the proxies of a plan in HTTP mode saw of the calls between the target and its dependencies:
// how many, how they ended, how long they took, and which belonged to one trace. Part of a run
// record; made of ProxyExchange by loadgen/run. Connections and bytes of all proxies stand in
// SecondSummary::proxies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/phase.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::model {

// Calls of one trace through one proxy are counted up to here; the last place means "or more".
inline constexpr std::size_t kMaxCallsOfTrace = 16;
// Gaps behind the 1st, 2nd, … call of a trace that are told apart; the rest is not kept.
inline constexpr std::size_t kMaxGaps = 6;

// One second of one proxy, by the beginning of its calls. `classes` are those of attempts as far as
// a proxy can tell them: success (the caller got a status below 400), 4xx, 5xx, closed (the caller
// got no whole answer, or did not wait for it).
struct DependencySecond {
  std::int64_t second = 0;  // after t = 0
  std::uint64_t calls = 0;
  std::uint64_t arrived = 0;   // requests that reached the dependency, copies of faults left out
  std::uint64_t executed = 0;  // calls that the dependency answered to the end
  std::array<std::uint64_t, kAttemptClassCount> classes{};
  std::int64_t latency_p50_us = -1;  // of calls that got an answer; -1: there was none
  std::int64_t latency_p99_us = -1;
};

// One phase of one proxy.
struct DependencyPhase {
  std::uint64_t calls = 0;
  std::uint64_t arrived = 0;
  std::uint64_t executed = 0;
  std::uint64_t faulted = 0;  // a fault of the plan did something to them
  std::array<std::uint64_t, kAttemptClassCount> classes{};
  stats::Histogram latency{stats::kSpanLayout};  // microseconds, of calls that got an answer
  // Of calls with a trace id: how many traces had 1, 2, … calls here in this phase.
  std::array<std::uint64_t, kMaxCallsOfTrace> traces{};
  // From the end of a trace's n-th call to the beginning of its next one, in microseconds: how a
  // caller waits between retries. Calls that overlap have no gap and are counted.
  std::vector<stats::Histogram> gaps = std::vector<stats::Histogram>(kMaxGaps);
  std::uint64_t overlapping = 0;
  // Calls that began and ended inside another one of the same trace, made by another span: the way
  // back into a service.
  std::uint64_t nested = 0;
};

struct DependencyProxy {
  std::string name;
  std::map<Phase, DependencyPhase> phases;
  std::vector<DependencySecond> seconds;  // rising; none in which nothing happened
};

struct DependencyView {
  std::vector<DependencyProxy> proxies;  // those in HTTP mode, in the plan's order
  std::uint64_t lost = 0;  // exchanges that were not kept: figures are too low by them

  [[nodiscard]] const DependencyProxy* find(std::string_view name) const;
};

}  // namespace squall::model
