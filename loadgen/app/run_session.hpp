// Wires one run together: services, the run itself, judgement, files.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "loadgen/app/plan_options.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/progress.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::app {

struct SessionOptions {
  std::string directory;    // wanted; empty: a fresh one below squall-runs
  std::string command;      // that repeats the run
  bool strict = false;      // inconclusive is a failure
  bool announce = false;    // say on stderr where the results go, before anything is sent
  bool sweep_only = false;  // nothing but the skew sweep, no load
  // Written beside the plan: name to content. Null: none.
  const std::map<std::string, std::string>* files = nullptr;
};

struct SessionResult {
  model::RunRecord record;
  std::string directory;  // empty when it could not be made
  model::ExitCode exit_code = model::ExitCode::kPass;
};

// Runs, judges and writes. Progress goes to `view`; problems that belong to no record (a directory
// that cannot be made) to stderr. Borrows everything.
[[nodiscard]] SessionResult run_session(const std::shared_ptr<const model::Plan>& plan,
                                        const SessionOptions& options, model::ProgressView& view,
                                        const run::StopSignal& stop);

}  // namespace squall::app
