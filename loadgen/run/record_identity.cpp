#include "loadgen/run/record_identity.hpp"

#include <sys/utsname.h>

#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/engine_abilities.hpp"
#include "loadgen/model/load_model.hpp"
#include "loadgen/model/proxy_fault_record.hpp"

namespace squall::run {

std::string fault_summary(const model::PlannedFault& fault) {
  const model::FaultSelection& selection = fault.selection;
  std::string text = fmt::format("{}, share {}", fault.kind->name, format_share(selection.share));
  if (selection.window) {
    text += fmt::format(", {} to {}", format_duration(selection.window->from),
                        format_duration(selection.window->to));
  }
  if (selection.every_nth > 0) {
    text += fmt::format(", each {}th", selection.every_nth);
  }
  if (selection.first_n > 0) {
    text += fmt::format(", the first {}", selection.first_n);
  }
  text += selection.attempts == model::AttemptScope::kAll ? ", all attempts" : ", first attempts";
  return text;
}

std::string describe_host() {
  utsname name{};
  const bool known = uname(&name) == 0;
  return fmt::format("{} {}, {} cores", known ? name.sysname : "unknown system",
                     known ? name.release : "", std::thread::hardware_concurrency());
}

namespace {

// A replay may start elsewhere, and reads what the plan names by relative paths. What is no file
// ("squall hit") keeps its name.
std::string lasting_path(const std::string& plan_file) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(plan_file, problem)) {
    return plan_file;
  }
  const std::filesystem::path whole = std::filesystem::absolute(plan_file, problem);
  return problem ? plan_file : whole.string();
}

}  // namespace

model::RunRecord identity_of(const model::Plan& plan, const std::string& version,
                             const std::string& command, const std::string& pace) {
  model::RunRecord record;
  record.squall_version = version;
  record.plan_name = plan.name;
  record.plan_file = lasting_path(plan.file);
  record.seed = plan.seed;
  record.run_id = plan.run_id;
  record.command = command;
  record.shard = plan.load.shard;
  record.warmup = plan.load.warmup;
  record.planned_duration = plan.load.duration;
  record.measured_duration = plan.load.duration;
  record.phase_bounds = plan.phases;
  record.recovery = plan.recovery;
  record.detector_settings = plan.detector_settings;
  for (const model::Target& target : plan.targets) {
    if (target.tls) {
      record.tls.push_back({target.name, target.tls->insecure, {}});
    }
  }
  record.engine = record.tls.empty() ? "native: HTTP/1.1 without TLS" : "native: HTTP/1.1 with TLS";
  if (std::string engines = model::engines_text(plan); !engines.empty()) {
    record.engine = std::move(engines);
  }
  record.threads = plan.load.threads;
  record.connections = plan.load.connections;
  record.pace = pace;
  record.host = describe_host();
  for (const model::Scenario& scenario : plan.scenarios) {
    record.scenarios.push_back({.name = scenario.name,
                                .load_model = model::load_model_of(plan, scenario),
                                .load = scenario.arrivals_text});
  }
  for (const model::Step& step : plan.steps) {
    record.steps.push_back({.name = step.full_name,
                            .request = model::redact(step.request.shown, plan.secrets),
                            .target = plan.targets[step.target].name,
                            .is_effect = step.is_effect});
  }
  for (const model::PlannedFault& fault : plan.faults) {
    model::RecordedFault recorded;
    recorded.name = fault.name;
    recorded.kind = fault.kind->name;
    recorded.summary = fault_summary(fault);
    for (const std::uint16_t step : fault.selection.steps) {
      recorded.steps.push_back(plan.steps[step].full_name);
    }
    record.faults.push_back(std::move(recorded));
  }
  for (const model::ProxyPlan& proxy : plan.proxies) {
    record.proxies.push_back({.name = proxy.name,
                              .mode = std::string(model::to_string(proxy.mode)),
                              .listen = proxy.listen,
                              .upstream = model::redact(proxy.upstream, plan.secrets)});
  }
  for (const model::PlannedProxyFault& fault : plan.proxy_faults) {
    record.proxy_faults.push_back(model::recorded(fault));
  }
  return record;
}

}  // namespace squall::run
