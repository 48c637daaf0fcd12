// Makes the dependency view of a record from the exchanges that proxies in HTTP mode saw.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/dependency_view.hpp"
#include "loadgen/model/proxy_exchange.hpp"

namespace squall::run {

// One thread. Exchanges may come in any order.
class DependencyCollector {
 public:
  // `proxies`: names of those in HTTP mode, in the plan's order; others are not looked at. `zero`:
  // t = 0. `bounds`: a call belongs to the phase in which it began; those of the warm-up count in
  // no second and no phase.
  DependencyCollector(const std::vector<std::string>& proxies, TimePoint zero,
                      const model::PhaseBounds& bounds);

  void add(const model::TakenExchanges& taken);

  // What has come together. Sorts all calls of a trace: for the end of a run.
  [[nodiscard]] model::DependencyView view() const;

 private:
  struct Call {
    std::uint64_t trace = 0;
    std::uint64_t caller_span = 0;
    Duration began{};  // after t = 0
    Duration ended{};
    bool operator<(const Call& other) const {
      return std::pair(trace, began) < std::pair(other.trace, other.began);
    }
  };
  struct Proxy {
    std::map<model::Phase, model::DependencyPhase> phases;
    std::map<std::int64_t, model::DependencySecond> seconds;
    // Latencies of the seconds that still get calls: percentiles are taken when one is over.
    std::map<std::int64_t, stats::Histogram> open;
    std::map<model::Phase, std::vector<Call>> traced;
  };

  void add(const model::ProxyExchange& exchange);
  static void close_seconds(Proxy& proxy, std::int64_t before);
  static void add_traces(std::vector<Call> calls, model::DependencyPhase& phase);

  std::vector<std::string> names_;
  TimePoint zero_;
  model::PhaseBounds bounds_;
  std::vector<Proxy> proxies_;  // parallel to names_
  std::uint64_t kept_ = 0;      // calls with a trace
  std::uint64_t lost_ = 0;
};

}  // namespace squall::run
