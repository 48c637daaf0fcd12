// One iteration of a scenario, sent without faults and kept whole: the preflight, and `squall run
// --once`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/outcome.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::run {

struct StepTrace {
  std::string step;      // full name
  std::string request;   // as sent; of generated content its size
  std::string response;  // as received, head and body, cut at 1 MiB
  model::AttemptClass how = model::AttemptClass::kDropped;
  int status = 0;
  Duration queue{};
  Duration service{};
  std::string detail;                     // why it is not a success
  std::size_t index = 0;                  // of the step in the plan
  std::optional<std::string> effect_key;  // of a step that asks for an effect
  WallTime asked{};                       // just before it was sent
  WallTime answered{};                    // just after the answer was whole
  std::vector<std::pair<std::string, std::string>> extracted;
};

struct IterationTrace {
  std::string scenario;
  std::vector<StepTrace> steps;  // up to the first that ended the iteration
  bool failed = false;           // the last of them did
  [[nodiscard]] bool succeeded() const { return !failed; }
};

// Arrival index of the preflight: its keys belong to the run but to no arrival of it. Shard i of a
// run has the one i below.
inline constexpr std::uint64_t kPreflightArrival = UINT64_MAX;

// Sends the requests of one step as a client whose wall clock is off would, and ends there.
struct SkewedStep {
  std::size_t step = 0;  // into Plan::steps
  Duration offset{};     // of its clock; negative: it is slow
};

// Walks the scenario's flow through the engine that the load uses; children of a parallel group are
// done one after the other. Waits no think time, except up to one second before a step that is
// repeated: a group that polls must leave its target the time to change. Blocks at most the sum of
// the steps' timeouts and those waits. Runs a loop of its own; any thread. With `skewed` the trace
// ends with that step; it holds none of it when the flow does not come there.
[[nodiscard]] IterationTrace run_iteration(const model::Plan& plan, const model::Scenario& scenario,
                                           std::uint64_t arrival,
                                           std::optional<SkewedStep> skewed = std::nullopt);

}  // namespace squall::run
