#include "loadgen/app/replay_property.hpp"

#include <csignal>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "faults/process/free_port.hpp"
#include "faults/process/services.hpp"
#include "faults/proxy/planned_proxies.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/recorded_run.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/verification_world.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/effect_accounting.hpp"
#include "loadgen/run/oracle_context.hpp"
#include "loadgen/run/plain_request.hpp"
#include "loadgen/verify/verification.hpp"

namespace squall::app {
namespace {

using model::ExitCode;
using model::PropertyVerdict;

ExitCode complain(ExitCode code, const Error& error, const model::Plan& plan) {
  say("squall: {}\n", model::redact(to_string(error), plan.secrets));
  return code;
}

std::shared_ptr<const model::Plan> load_recorded(const PropertyReplay& replay,
                                                 const model::RunRecord& record,
                                                 const std::string& text) {
  PlanOptions options;
  options.file = replay.directory + "/plan.toml";
  options.folder = plan_folder(record.plan_file);
  options.seed = record.seed;
  options.run_id = fmt::format("{}r{:x}", record.run_id, entropy() & 0xffffffff);
  options.targets = replay.targets;
  options.allow = replay.allow;
  return load_plan_text(text, options, [] { return faults::free_port(); });
}

ExitCode code_of(const model::IdempotencyReport& report, const model::PropertyResult& result) {
  if (result.verdict == PropertyVerdict::kFail) {
    return result.harm == model::PropertyHarm::kAnswer ? ExitCode::kCheckFailed
                                                       : ExitCode::kCorrectness;
  }
  if (result.verdict == PropertyVerdict::kWarn) {
    return ExitCode::kCheckFailed;
  }
  if (!report.oracle_problem.empty()) {
    return ExitCode::kInvalid;
  }
  return result.trials > 0 ? ExitCode::kPass : ExitCode::kInconclusive;
}

ExitCode print_result(const model::IdempotencyReport& report) {
  const model::PropertyResult& result = report.properties.front();
  print("{} {}: {}, {}\n", result.number, result.title, model::to_string(result.verdict),
        printable(result.summary.empty() ? result.needs : result.summary, 500));
  for (const std::string& line : result.evidence) {
    print("  {}\n", printable(line, 500));
  }
  if (!report.oracle_problem.empty()) {
    print("effects could not be counted: {}\n", printable(report.oracle_problem, 500));
  }
  print("hit {} of {}\n", result.broken, result.trials);
  return code_of(report, result);
}

ExitCode verify_property(const PropertyReplay& replay, const verify::PropertyKind& kind,
                         const model::Plan& plan, verify::World& world,
                         const run::StopSignal& stop) {
  if (auto sent = run::set_up(plan, stop); !sent) {
    return complain(ExitCode::kUnreachable, sent.error(), plan);
  }
  const auto verified = verify::verify({.plan = plan,
                                        .properties = registries().properties,
                                        .world = world,
                                        .stop = stop,
                                        .progress = [](std::string_view) {},
                                        .result = [](const auto&, const auto&) {}},
                                       {.only = {kind.number}, .times = replay.times});
  for (const Error& error : run::tear_down(plan)) {
    say("squall: teardown: {}\n", model::redact(to_string(error), plan.secrets));
  }
  if (!verified) {
    return complain(verified.error().code == ErrorCode::kUnavailable ? ExitCode::kUnreachable
                                                                     : ExitCode::kCheckFailed,
                    verified.error(), plan);
  }
  const ExitCode code = print_result(verified->report);
  if ((code == ExitCode::kPass || code == ExitCode::kInconclusive) && stop.raised()) {
    return stop.signal() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted;
  }
  return code;
}

}  // namespace

ExitCode replay_property(const PropertyReplay& replay, const run::StopSignal& stop) {
  const verify::PropertyKind* kind =
      verify::find_property(registries().properties, replay.property);
  const auto record = read_recorded_run(replay.directory);
  const auto text = read_file(replay.directory + "/plan.toml");
  if (kind == nullptr || !record || !text) {
    say("squall: {}\n", kind == nullptr
                            ? fmt::format("there is no property \"{}\": `squall list properties`",
                                          printable(replay.property))
                            : to_string(!record ? record.error() : text.error()));
    return ExitCode::kUsage;
  }
  const auto plan = load_recorded(replay, *record, *text);
  if (!plan) {
    return ExitCode::kUsage;
  }
  if (plan->idempotency == nullptr) {
    say("squall: {} is no run of `squall idempotency`: its plan has no [idempotency]\n",
        printable(replay.directory, 500));
    return ExitCode::kUsage;
  }
  note_services(replay.targets, *plan);
  effects::EffectAccounting accounting(*plan, {});
  if (auto started = accounting.start(run::oracle_context(*plan, record->plan_file)); !started) {
    return complain(ExitCode::kInvalid, started.error(), *plan);
  }
  faults::PlannedProxies proxies(*plan, registries().toxics);
  if (auto started = proxies.start(); !started) {
    return complain(ExitCode::kInvalid, started.error(), *plan);
  }
  faults::Services services({.log_directory = replay.directory + "/replay-services",
                             .program_directory = {},
                             .guardian_program = {},
                             .stop_requested = [&stop] { return stop.raised(); },
                             .working_directory = plan_folder(record->plan_file)});
  if (auto started = services.start_all(plan->services); !started) {
    return complain(ExitCode::kUnreachable, started.error(), *plan);
  }
  VerificationWorld world(*plan, proxies, services);
  return verify_property(replay, *kind, *plan, world, stop);
}

}  // namespace squall::app
