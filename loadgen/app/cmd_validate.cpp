// squall validate PLAN
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "faults/process/program_search.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/action_slot.hpp"
#include "loadgen/model/command_recipe.hpp"
#include "loadgen/model/idempotency_plan.hpp"
#include "loadgen/model/load_model.hpp"
#include "loadgen/model/proxy_fault_record.hpp"
#include "loadgen/plan/estimate.hpp"
#include "loadgen/run/record_identity.hpp"
#include "loadgen/run/timeline.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

std::string traffic_text(const model::Plan& plan) {
  std::string text;
  for (const model::Target& target : plan.targets) {
    std::string replicas;
    for (const model::Endpoint& replica : target.replicas) {
      replicas += (replicas.empty() ? "" : ", ") + replica.url();
    }
    text += fmt::format("  target    {}: {}\n", target.name, replicas);
  }
  for (const model::Caller& caller : plan.callers) {
    text += fmt::format("  caller    {}\n", caller.name);
  }
  for (const model::Scenario& scenario : plan.scenarios) {
    text +=
        fmt::format("  scenario  {}: {}: {}\n", scenario.name,
                    model::to_string(model::load_model_of(plan, scenario)), scenario.arrivals_text);
    for (const std::uint16_t index : scenario.steps) {
      const model::Step& step = plan.steps[index];
      const std::string times =
          step.max_visits > 1 ? fmt::format("  (up to {} times)", step.max_visits) : "";
      text += fmt::format("    step    {}: {}{}{}\n", step.full_name, step.request.shown,
                          step.is_effect ? "  (asks for one effect)" : "", times);
    }
  }
  return text;
}

// What is on from when to when, in order of time.
std::string timeline_text(const model::Plan& plan) {
  std::vector<model::TimelineSlot> slots;
  for (const model::PlannedProxyFault& fault : plan.proxy_faults) {
    slots.push_back(model::timeline_slot(fault));
  }
  for (const model::PlannedAction& action : plan.actions) {
    slots.push_back(model::timeline_slot(action));
  }
  std::vector<model::RecordedAction> planned = run::planned_timeline(slots, plan.load);
  std::stable_sort(planned.begin(), planned.end(),
                   [](const auto& a, const auto& b) { return a.planned_at < b.planned_at; });
  std::string text;
  for (const model::RecordedAction& action : planned) {
    // What the plan gives no length is over once it is done.
    const bool until_done = action.planned_until - action.planned_at <= Duration(1);
    const std::string until =
        until_done ? "until done" : fmt::format("to {:+.1f}s", to_seconds(action.planned_until));
    text += fmt::format("  timeline  {:+.1f}s {}: {}\n", to_seconds(action.planned_at), until,
                        action.description);
  }
  return text;
}

// Replicas in one line: what differs between them is their ports.
std::string services_text(const model::Plan& plan) {
  std::string text;
  for (const model::Service& service : plan.services) {
    if (service.replica > 1) {
      continue;
    }
    const std::string replicas =
        service.replicas > 1 ? fmt::format(", {} replicas", service.replicas) : "";
    const std::string limits =
        service.limits.is_empty() ? "" : fmt::format(", limits: {}", service.limits.text());
    const std::string user = service.user.empty() ? "" : fmt::format(", as {}", service.user);
    text += fmt::format("  service   {}: {}{}{}{}\n", service.name, service.command.front(),
                        replicas, user, limits);
    for (const model::PreparedCommand& step : service.prepare) {
      text += fmt::format("    prepare {}\n", step.command.front());
    }
  }
  return text;
}

std::string load_text(const model::Plan& plan) {
  if (plan.scenarios.empty()) {
    return {};
  }
  return fmt::format("  load      {} warm-up, {} measured, {} drain; {} connections, {} thread{}\n",
                     format_duration(plan.load.warmup), format_duration(plan.load.duration),
                     format_duration(plan.load.drain), plan.load.connections, plan.load.threads,
                     plan.load.threads == 1 ? "" : "s");
}

std::string_view place_of(model::KeyCarrier::In in) {
  switch (in) {
    case model::KeyCarrier::In::kHeader:
      return "header";
    case model::KeyCarrier::In::kBody:
      return "body";
    case model::KeyCarrier::In::kQuery:
      return "query";
  }
  return "";
}

std::string idempotency_text(const model::IdempotencyPlan& planned) {
  const std::string profile =
      planned.profile_name.empty() ? "no profile" : "profile " + planned.profile_name;
  std::string text =
      fmt::format("  verifies  idempotency: {}, key in {} {}, {} rounds\n", profile,
                  place_of(planned.carrier.in), planned.carrier.name, planned.rounds);
  const auto add = [&](std::string_view name,
                       const std::optional<model::IdempotencyRequest>& request) {
    if (request) {
      text += fmt::format("    {:<9} {}\n", name, request->request.shown);
    }
  };
  if (planned.has_operation) {
    add("operation", planned.operation);
  }
  add("read", planned.read);
  add("update", planned.update);
  add("remove", planned.remove);
  add("other", planned.other);
  if (planned.consumer) {
    add("deliver", planned.consumer->deliver);
    add("later", planned.consumer->later);
  }
  return text;
}

std::string plan_text(const model::Plan& plan) {
  std::string text =
      fmt::format("{}: \"{}\", seed {}, run id {}\n", plan.file, plan.name, plan.seed, plan.run_id);
  text += load_text(plan);
  text += traffic_text(plan);
  for (const model::PlannedFault& fault : plan.faults) {
    text += fmt::format("  fault     {}: {}\n", fault.name, run::fault_summary(fault));
  }
  for (const model::ProxyPlan& proxy : plan.proxies) {
    text += fmt::format("  proxy     {}: {} in front of {}\n", proxy.name, proxy.listen,
                        proxy.upstream);
  }
  if (plan.idempotency != nullptr) {
    text += idempotency_text(*plan.idempotency);
  }
  text += timeline_text(plan);
  text += services_text(plan);
  for (const model::OracleSpec& oracle : plan.effects.oracles) {
    text += fmt::format("  oracle    {}: {}\n", oracle.name, oracle.kind->name);
  }
  for (const auto& [condition, where] : plan.checks.require) {
    text += fmt::format("  require   {}\n", condition.source);
  }
  for (const auto& [name, where] : plan.checks.findings) {
    text += fmt::format("  finding   {} must stay silent\n", name);
  }
  return text;
}

// A program that the plan names, what for, and where.
struct NamedProgram {
  std::string user;
  std::string program;
  SourceRef where;
};

void add_programs(const model::Service& service, std::vector<NamedProgram>& programs) {
  const std::string name = "service " + service.name;
  programs.push_back({name, service.command.front(), service.where});
  for (const model::PreparedCommand& step : service.prepare) {
    programs.push_back({name + ": prepare", step.command.front(), step.where});
  }
  if (!service.ready_command.empty()) {
    programs.push_back({name + ": ready_command", service.ready_command.front(), service.where});
  }
}

void add_programs(const model::PlannedAction& action, std::vector<NamedProgram>& programs) {
  const std::string name = "action " + action.name;
  const auto* recipe = dynamic_cast<const model::CommandRecipe*>(action.recipe.get());
  if (recipe != nullptr) {
    programs.push_back({name, recipe->program(), action.where});
  }
  if (action.undo) {
    programs.push_back({name + ": undo", action.undo->command.front(), action.where});
  }
}

// Replicas and occurrences run the same.
std::vector<NamedProgram> programs_of(const model::Plan& plan) {
  std::vector<NamedProgram> programs;
  for (const model::Service& service : plan.services) {
    if (service.replica == 1) {
      add_programs(service, programs);
    }
  }
  for (const model::PlannedAction& action : plan.actions) {
    if (action.occurrence == 1) {
      add_programs(action, programs);
    }
  }
  return programs;
}

// What a run would find out when it needs them. Prints one line for each that is missing.
bool has_every_program(const model::Plan& plan) {
  bool all = true;
  for (const NamedProgram& named : programs_of(plan)) {
    const auto program = faults::find_program(named.program, faults::own_program_directory(),
                                              plan_folder(plan.file));
    if (!program) {
      Error error = program.error();
      error.where = named.where;
      error = with_context(std::move(error), named.user);
      say("{}\n", model::redact(to_string(error), plan.secrets));
      all = false;
    }
  }
  return all;
}

ExitCode act(const PlanOptions& options, bool effective) {
  const auto plan = load_plan(options);
  if (!plan) {
    return ExitCode::kUsage;
  }
  if (effective) {
    put(plan->effective_text);
    return ExitCode::kPass;
  }
  put(model::redact(plan_text(*plan), plan->secrets));
  if (plan->scenarios.empty()) {
    // How much is sent follows from answers: there is nothing to estimate.
    return has_every_program(*plan) ? ExitCode::kPass : ExitCode::kUsage;
  }
  const plan::HostLimits host = plan::read_host_limits();
  const plan::Estimate estimate = plan::estimate(*plan, host);
  put(model::redact(plan::to_text(estimate, host), plan->secrets));
  const bool startable = has_every_program(*plan);
  return estimate.reasons.empty() && startable ? ExitCode::kPass : ExitCode::kUsage;
}

constexpr const char* kFooter = R"(
Examples:
  squall validate my-plan.toml
  squall validate my-plan.toml --set scenario.buy.arrivals.rate=500/s --effective)";

}  // namespace

void add_validate_command(CLI::App& tree, Cli& cli) {
  auto options = std::make_shared<PlanOptions>();
  auto effective = std::make_shared<bool>(false);
  CLI::App* validate = tree.add_subcommand(
      "validate",
      "Check a plan and say what it would do and need; exit 2 when this host cannot honour it");
  validate->footer(kFooter);
  validate->add_option("PLAN", options->file, "The plan, a TOML file")->required();
  add_plan_options(*validate, *options);
  validate->add_flag("--effective", *effective, "Print the plan after --set as TOML instead");
  validate->callback([options, effective, &cli] {
    cli.action = [options, effective] { return act(*options, *effective); };
  });
}

}  // namespace squall::app
