#include "loadgen/app/run_session.hpp"

#include <csignal>
#include <cstdio>
#include <utility>

#include <fmt/core.h>

#include "faults/process/planned_actions.hpp"
#include "faults/process/services.hpp"
#include "faults/proxy/planned_proxies.hpp"
#include "loadgen/app/baseline.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/run_history.hpp"
#include "loadgen/app/signals.hpp"
#include "loadgen/app/version.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/run/run.hpp"
#include "loadgen/run/shard_text.hpp"
#include "reports/checks/evaluate.hpp"
#include "reports/checks/verdict.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

std::vector<expr::Condition> conditions_of(
    const std::vector<std::pair<expr::Condition, SourceRef>>& located) {
  std::vector<expr::Condition> conditions;
  conditions.reserve(located.size());
  for (const auto& [condition, where] : located) {
    conditions.push_back(condition);
  }
  return conditions;
}

run::RunHooks make_hooks(const model::Plan& plan, faults::Services& services,
                         faults::PlannedProxies& proxies, reports::AbortWatch& abort_watch) {
  run::RunHooks hooks;
  hooks.start_proxies = [&] { return proxies.start(); };
  hooks.stop_proxies = [&] { proxies.stop(); };
  hooks.read_proxies = [&] { return proxies.totals(); };
  hooks.take_exchanges = [&] { return proxies.take_exchanges(); };
  hooks.proxy_fault_results = [&] { return proxies.fault_results(); };
  hooks.timeline = proxies.actions();
  if (plan.load.shard.index == 0) {  // what happens once is the first shard's
    for (auto& action : faults::make_timeline_actions(plan.actions, services)) {
      hooks.timeline.push_back(std::move(action));
    }
  }
  hooks.start_services = [&] { return services.start_all(plan.services); };
  const auto run_events = [](const std::vector<faults::ServiceEvent>& happened, TimePoint zero) {
    std::vector<model::RunEvent> events;
    events.reserve(happened.size());
    for (const faults::ServiceEvent& event : happened) {
      events.push_back(event.as_run_event(zero));
    }
    return events;
  };
  hooks.stop_services = [&services, run_events](TimePoint zero) {
    return run_events(services.stop_all(), zero);
  };
  hooks.poll_events = [&services, run_events](TimePoint zero) {
    return run_events(services.poll(), zero);
  };
  hooks.abort_reason = [&](const model::SecondSummary& second) -> std::optional<std::string> {
    const expr::Condition* condition = abort_watch.add(second);
    return condition == nullptr ? std::nullopt : std::optional(condition->source);
  };
  return hooks;
}

struct JudgeContext {
  const SessionOptions& options;
  const Baseline* baseline;  // null: none
  const std::string& directory;
};

void judge_record(run::RunResult& result, const model::Plan& plan, const JudgeContext& context,
                  const run::StopSignal& stop) {
  if (result.ended_early) {
    return;  // nothing was measured: the record says why
  }
  if (context.baseline != nullptr) {
    compare_with(*context.baseline, context.directory, result.record);
  }
  const model::Shard& shard = plan.load.shard;
  reports::JudgeInputs inputs =
      shard.is_whole() ? reports::judge_inputs(plan.checks) : reports::JudgeInputs();
  inputs.strict = context.options.strict;
  inputs.fault_shares = reports::fault_shares(plan);
  inputs.signal_code = stop.signal() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted;
  reports::judge(result.record, inputs, registries().detectors);
  if (!shard.is_whole()) {
    result.record.reasons.push_back(
        fmt::format("shard {}: the plan's checks are judged when all are joined (squall merge)",
                    run::to_string(shard)));
  }
}

// The reports and the end of the journal. `written`: what became of all that was written before; a
// failure is a reason in the record.
void write_results(const std::string& directory, Result<void> written, run::RunResult& result) {
  model::RunRecord& record = result.record;
  if (written && result.not_written) {
    written = fail(*result.not_written);
  }
  auto reports_written = write_reports(directory, record, registries().formats);
  if (written && !reports_written) {
    written = std::move(reports_written);
  }
  if (!written) {
    record.exit_code = model::worse(record.exit_code, ExitCode::kNotWritten);
    record.reasons.push_back(to_string(written.error()));
  }
  if (result.journal) {
    // Its failure costs nothing more: whoever reads the directory finds record.json, or a journal
    // that has no end.
    (void)result.journal->end(record);
  }
}

}  // namespace

SessionResult run_session(const std::shared_ptr<const model::Plan>& plan,
                          const SessionOptions& options, model::ProgressView& view,
                          const run::StopSignal& stop) {
  return run_compared_session(plan, options, nullptr, view, stop);
}

SessionResult run_compared_session(const std::shared_ptr<const model::Plan>& plan,
                                   const SessionOptions& options, const Baseline* baseline,
                                   model::ProgressView& view, const run::StopSignal& stop) {
  SessionResult session;
  const std::string wanted =
      plan->load.shard.is_whole() ? options.directory : shard_directory(options.directory, *plan);
  auto directory = make_run_directory(wanted, *plan, wall_clock_now());
  if (!directory) {
    say("squall: {}\n", to_string(directory.error()));
    session.exit_code = directory.error().code == ErrorCode::kInvalidArgument
                            ? ExitCode::kUsage
                            : ExitCode::kNotWritten;
    session.record.exit_code = session.exit_code;
    return session;
  }
  session.directory = *directory;
  name_results(session.directory);
  if (options.announce) {
    say("squall: results go to {}\n", printable(session.directory, 500));
  }

  // The services connect to them, so they go later.
  faults::PlannedProxies proxies(*plan, registries().toxics);
  faults::Services services({.log_directory = session.directory + "/services",
                             .program_directory = {},
                             .guardian_program = {},
                             .stop_requested = [&stop] { return stop.raised(); },
                             .working_directory = plan_folder(plan->file)});
  reports::AbortWatch abort_watch(conditions_of(plan->checks.abort_when), plan->load.duration,
                                  plan->phases);
  auto written = write_file(session.directory + "/plan.toml", plan->effective_text);
  if (options.files != nullptr) {
    for (const auto& [name, content] : *options.files) {
      written = written ? write_file(session.directory + "/" + name, content) : written;
    }
  }
  run::RunHooks hooks = make_hooks(*plan, services, proxies, abort_watch);
  hooks.spans = options.spans;
  if (options.instead_of_load) {
    hooks.instead_of_load = [&](model::RunRecord& record, const run::WorkNotes& notes) {
      SessionTools tools{*plan, services, proxies, view, stop, notes};
      return options.instead_of_load(tools, record);
    };
  }
  run::RunResult result = run::execute({.plan = plan,
                                        .directory = session.directory,
                                        .version = std::string(kVersion),
                                        .command = options.command,
                                        .hooks = std::move(hooks)},
                                       view, stop);
  if (!result.ended_early) {
    judge_history(session.directory, *plan, result.record);
  }
  judge_record(result, *plan, {options, baseline, session.directory}, stop);
  model::RunRecord& record = result.record;
  Result<std::string> kept = std::string();
  if (baseline != nullptr) {
    kept = keep_as_baseline(*baseline, record);
    if (!kept && written) {
      written = fail(kept.error());
    }
  }
  write_results(session.directory, std::move(written), result);
  view.end(record);
  if (kept && !kept->empty()) {
    say("squall: {}\n", *kept);
  }
  session.exit_code = record.exit_code;
  session.record = std::move(record);
  return session;
}

}  // namespace squall::app
