#include "loadgen/app/iteration_print.hpp"

#include <unistd.h>

#include <csignal>
#include <string>

#include <fmt/core.h>

#include "faults/process/services.hpp"
#include "faults/proxy/planned_proxies.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/scratch_directory.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/run/iteration.hpp"
#include "loadgen/run/plain_request.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

// What was on the wire, each line marked with its direction; secrets masked, control bytes shown as
// \xNN.
std::string wire_text(char direction, const std::string& bytes, const model::Plan& plan) {
  std::string text;
  const std::string masked = model::redact(bytes, plan.secrets);
  for (std::string_view line : split(masked, '\n')) {
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    text += fmt::format("  {} {}\n", direction, printable(line, 16384));
  }
  return text;
}

void print_step(const run::StepTrace& step, const model::Plan& plan, Detail detail) {
  const std::string why = step.detail.empty() ? "" : ": " + printable(step.detail);
  print("{}: {} {} in {} (waited {} for the connection){}\n", step.step, model::to_string(step.how),
        step.status, format_duration(step.service), format_duration(step.queue),
        model::redact(why, plan.secrets));
  if (detail == Detail::kWhole) {
    put(wire_text('>', step.request, plan));
    put(wire_text('<', step.response, plan));
  }
  for (const auto& [name, value] : step.extracted) {
    print("  {} = {}\n", name, model::redact(printable(value), plan.secrets));
  }
}

// A service that does not start has its log quoted, and it may have told anything.
void complain(std::string_view what, const Error& error, const model::Plan& plan) {
  say("squall: {}{}\n", what, model::redact(to_string(error), plan.secrets));
}

ExitCode code_of(const run::IterationTrace& trace) {
  if (trace.succeeded()) {
    return ExitCode::kPass;
  }
  return trace.steps.back().how == model::AttemptClass::kRefused ? ExitCode::kUnreachable
                                                                 : ExitCode::kCheckFailed;
}

ExitCode iterate(const model::Plan& plan, Detail detail, const run::StopSignal& stop) {
  if (auto sent = run::set_up(plan, stop); !sent) {
    complain("set-up: ", sent.error(), plan);
    return ExitCode::kUnreachable;
  }
  ExitCode code = ExitCode::kPass;
  for (const model::Scenario& scenario : plan.scenarios) {
    if (stop.raised()) {
      return model::worse(
          code, stop.signal() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted);
    }
    const run::IterationTrace trace = run::run_iteration(plan, scenario, 0);
    for (const run::StepTrace& step : trace.steps) {
      print_step(step, plan, detail);
    }
    code = model::worse(code, code_of(trace));
  }
  return code;
}

}  // namespace

ExitCode run_once(const model::Plan& plan, Detail detail, const run::StopSignal& stop) {
  const ScratchDirectory logs("once");
  faults::PlannedProxies proxies(plan, registries().toxics);
  if (auto started = proxies.start(); !started) {
    complain("", started.error(), plan);
    return ExitCode::kInvalid;
  }
  faults::Services services({.log_directory = logs.path(),
                             .program_directory = {},
                             .guardian_program = {},
                             .stop_requested = [&stop] { return stop.raised(); },
                             .working_directory = plan_folder(plan.file)});
  if (auto started = services.start_all(plan.services); !started) {
    complain("", started.error(), plan);
    return ExitCode::kUnreachable;
  }
  const ExitCode code = iterate(plan, detail, stop);
  for (const Error& error : run::tear_down(plan)) {
    complain("teardown: ", error, plan);
  }
  return code;
}

}  // namespace squall::app
