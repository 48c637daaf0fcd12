// Wires one run together: services, the run itself, judgement, files.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/app/plan_options.hpp"
#include "loadgen/base/result.hpp"
#include "loadgen/model/operation_span.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/progress.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/run.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace squall::faults {
class PlannedProxies;
class Services;
}  // namespace squall::faults

namespace squall::app {

// What work in place of the load may use. Borrowed; of the run's thread.
struct SessionTools {
  const model::Plan& plan;
  faults::Services& services;
  faults::PlannedProxies& proxies;
  model::ProgressView& view;
  const run::StopSignal& stop;
  const run::WorkNotes& notes;
};
// As RunHooks::instead_of_load.
using InsteadOfLoad = std::function<Result<void>(SessionTools& tools, model::RunRecord& record)>;
// For what is done before the load alone, such as the skew sweep.
[[nodiscard]] inline InsteadOfLoad nothing_instead_of_load() {
  return [](SessionTools&, model::RunRecord&) { return Result<void>(); };
}

struct SessionOptions {
  std::string directory;  // wanted; empty: a fresh one below squall-runs
  std::string command;    // that repeats the run
  bool strict = false;    // inconclusive is a failure
  bool announce = false;  // say on stderr where the results go, before anything is sent
  InsteadOfLoad instead_of_load = {};  // empty: the load
  // As RunHooks::spans; empty: nobody wants them.
  std::function<void(WallTime zero, std::vector<model::OperationSpan> spans)> spans = {};
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
