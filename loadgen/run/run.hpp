// One run of a plan, from the first service to the last reading of the oracles.
//
//   oracles start ► proxies ► services ► set-up ► preflight ► skew sweep ► baseline ► warm-up,
//   load, drain ► settle ► count effects ► teardown
//
// The record that comes out is measured, not judged: checks and detectors are the caller's next
// step.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/progress.hpp"
#include "loadgen/model/proxy_exchange.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/run/journal.hpp"
#include "loadgen/run/proxy_watch.hpp"
#include "loadgen/run/stop_signal.hpp"
#include "loadgen/run/timeline.hpp"

namespace squall::run {

// How work in place of the load tells what it does, and keeps what it found should squall be
// killed. Of the run's thread.
struct WorkNotes {
  std::function<void(const char* kind, const std::string& text)> event;
  std::function<void(std::shared_ptr<const model::IdempotencyReport> so_far)> idempotency;
};

// What the run needs of layers that it does not know. Called on the run's thread; an empty one is
// left out.
struct RunHooks {
  std::function<Result<void>()> start_services;
  // Events of ending them, stamped after `zero` (t = 0): what went wrong with it.
  std::function<std::vector<model::RunEvent>(TimePoint zero)> stop_services;
  // Before the services start, and after they have ended.
  std::function<Result<void>()> start_proxies;
  std::function<void()> stop_proxies;
  ReadProxies read_proxies;
  // What came of the faults on proxies, in the plan's order, as of when each was last put on or
  // taken off.
  std::function<std::vector<model::RecordedProxyFault>()> proxy_fault_results;
  // In the order of RunRecord::timeline. Called on the timeline's thread.
  TimelineActions timeline;
  // Events since the last call, stamped after `zero` (t = 0).
  std::function<std::vector<model::RunEvent>(TimePoint zero)> poll_events;
  // What proxies in HTTP mode saw since the last call.
  std::function<model::TakenExchanges()> take_exchanges;
  // Operations that ended in a second, and the wall clock's t = 0; only with Load::spans.
  std::function<void(WallTime zero, std::vector<model::OperationSpan> spans)> spans;
  // Asked after each second of load: the condition that says to stop, if any.
  std::function<std::optional<std::string>(const model::SecondSummary& second)> abort_reason;
  // Does other work in place of the load, of the timeline and of counting effects: called once
  // everything is up and the baseline is read. kUnavailable: the target could not be reached (exit
  // 4); another failure means that it does not do what the work takes for granted (exit 1).
  std::function<Result<void>(model::RunRecord& record, const WorkNotes& notes)> instead_of_load;
};

struct RunInputs {
  std::shared_ptr<const model::Plan> plan;
  std::string directory;  // of the run; exists
  std::string version;    // of squall, for the record
  std::string command;    // that repeats the run, for the record
  RunHooks hooks;
};

struct RunResult {
  model::RunRecord record;
  // Still open: the caller ends it when the record is judged. Null when it could not be made.
  std::unique_ptr<Journal> journal;
  // Set when the load never began: why, and what the run exits with. The record says the same.
  std::optional<model::ExitCode> ended_early;
  // Files that could not be written (exit 9); the run went on without them.
  std::optional<Error> not_written;
};

// Blocks until the run is over. Borrows `view` and `stop`. When `stop` is raised no further arrival
// is taken up, what is open is drained, effects are counted: the record stays whole. Uses as many
// threads of its own as the plan says.
[[nodiscard]] RunResult execute(const RunInputs& inputs, model::ProgressView& view,
                                const StopSignal& stop);

}  // namespace squall::run
