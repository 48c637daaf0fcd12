// What a plan will ask of this host, and why it may be too much: for `squall validate` and before
// each run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/units.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::plan {

// Of this host and process. A figure that is not known is 0, and then nothing is held against it.
struct HostLimits {
  std::uint64_t descriptors = 0;  // soft RLIMIT_NOFILE
  std::uint64_t descriptors_hard = 0;
  std::uint64_t ephemeral_ports = 0;  // size of net.ipv4.ip_local_port_range
  ByteCount memory;                   // MemAvailable
  unsigned cores = 0;                 // this process may run on
};

// Reads /proc and getrlimit. Any thread.
[[nodiscard]] HostLimits read_host_limits();

// Iterations of a scenario, its share of what [load] gives included, warm-up too. Of a closed one
// the most that its `iterations` allow; nothing without that limit, since then the answers decide.
[[nodiscard]] std::optional<double> expected_iterations(const model::Plan& plan,
                                                        const model::Scenario& scenario);

// What one scenario is expected to do.
struct ScenarioEstimate {
  std::string name;
  model::LoadModel load_model = model::LoadModel::kOpen;
  // As expected_iterations() says, and the operations that they make.
  std::optional<double> iterations;
  std::optional<double> operations;
  std::uint32_t users = 0;  // the most at a time, shared ones included; 0 for arrivals
};

// Upper bounds, apart from the operations, which are the expected number. A value.
struct Estimate {
  std::vector<ScenarioEstimate> scenarios;  // in the plan's order
  // Of closed scenarios without a limit of iterations nothing is in the four sums that follow.
  double arrivals = 0;       // expected, warm-up included
  double operations = 0;     // arrivals times steps, as often as these may be repeated: all succeed
  double requests_most = 0;  // with every copy and every retry that the budgets allow
  Rate peak_arrivals;        // of all scenarios together
  Rate peak_operations;
  std::uint64_t users = 0;  // of closed scenarios, the most at a time
  std::uint64_t sockets = 0;
  std::uint64_t descriptors = 0;  // sockets, services, oracles, loops, files
  std::uint64_t ports =
      0;             // local ports towards one replica, TIME_WAIT of closed connections included
  ByteCount memory;  // buffers, waiting arrivals, histograms, ledger
  std::vector<std::string> reasons;  // why this host cannot honour the plan; empty: it can
  std::vector<std::string> notes;    // what may go wrong
};

// Pure.
[[nodiscard]] Estimate estimate(const model::Plan& plan, const HostLimits& host);

// A few lines for people, reasons and notes included.
[[nodiscard]] std::string to_text(const Estimate& estimate, const HostLimits& host);

}  // namespace squall::plan
