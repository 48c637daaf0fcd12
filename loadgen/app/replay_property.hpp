// Repeats the trials of one property of idempotency, as a recorded verification did them.
#pragma once

#include <string>
#include <vector>

#include "loadgen/model/verdict.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::app {

struct PropertyReplay {
  std::string directory;  // of the run
  std::string property;   // by number or name
  unsigned times = 20;
  std::vector<std::string> targets;  // as PlanOptions has them
  std::vector<std::string> allow;
};

// Starts the plan's proxies and services, then does the property's trials that often with keys of
// their own, and prints the hit rate. Exit codes: 5 (or 1 where nothing but an answer was wrong)
// when it hit, 0 when it did not, 2 when there is no such run or property, 3 when effects could not
// be counted, 4 when the target cannot be reached, 7 when no trial came to its end.
[[nodiscard]] model::ExitCode replay_property(const PropertyReplay& replay,
                                              const run::StopSignal& stop);

}  // namespace squall::app
