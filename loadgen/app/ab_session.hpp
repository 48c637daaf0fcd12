// Two sides of one plan in turns, in one job: what `squall ab` does.
//
//   noise rounds            rounds, ABBA
//   base base │ base base   base cand │ cand base │ base cand │ …   ► differences ► verdict
#pragma once

#include <string>
#include <vector>

#include "loadgen/app/comparison_options.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/model/comparison.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::app {

// What makes one side of it.
struct AbSide {
  std::string name;              // "base", "candidate"
  std::string url;               // [NAME=]URL; empty: the plan's own targets
  std::vector<std::string> set;  // "path=value", after those of both
};

struct AbOptions {
  PlanOptions plan;  // of both sides
  AbSide base;
  AbSide candidate;
  unsigned rounds = 10;
  unsigned noise_rounds = 3;
  std::string length;     // of the load of each run; empty: the plan's
  std::string directory;  // wanted; empty: a fresh one below squall-runs
  ComparisonOptions comparison;
  bool strict = false;
  bool quiet = false;
  bool no_color = false;
};

// Runs, compares, writes and tells. Each run has a directory of its own; comparison.json and
// comparison.md stand beside them. Both runs of a round have the same seed, each round another one.
// A run whose target cannot be reached, or whose results cannot be written, ends it with that exit
// code; without a single round that is valid it is kInvalid. After a signal what there is by then
// is compared, and is no better than inconclusive.
[[nodiscard]] model::ExitCode run_ab(const AbOptions& options, const run::StopSignal& stop);

}  // namespace squall::app
