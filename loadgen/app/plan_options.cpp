#include "loadgen/app/plan_options.hpp"

#include <sys/random.h>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "faults/process/free_port.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/rng.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/curl_line.hpp"
#include "loadgen/run/shard_text.hpp"

namespace squall::app {
namespace {

std::pair<std::string, std::string> split_assignment(const std::string& text) {
  const std::size_t equals = text.find('=');
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string require_equals(const std::string& text) {
  return text.find('=') == std::string::npos
             ? "write PATH=VALUE, for example scenario.buy.arrivals.rate=500/s"
             : "";
}

std::shared_ptr<const model::Plan> print_problems(const plan::Loaded& loaded,
                                                  PlanWarnings warnings = PlanWarnings::kPrint) {
  if (warnings == PlanWarnings::kLeaveOut && !loaded.diagnostics.has_errors()) {
    return loaded.plan;
  }
  const std::string problems = loaded.diagnostics.to_text();
  put_aside(problems);
  if (loaded.diagnostics.has_errors()) {
    say("squall: {} problem{} in the plan; nothing was sent\n", loaded.diagnostics.error_count(),
        loaded.diagnostics.error_count() == 1 ? "" : "s");
    return nullptr;
  }
  return loaded.plan;
}

}  // namespace

void add_common_plan_options(CLI::App& command, PlanOptions& options, const std::string& group) {
  command
      .add_option("--set", options.set,
                  "Change a value of the plan: PATH=VALUE. Entries of [[…]] are addressed by name: "
                  "scenario.buy.arrivals.rate=500/s")
      ->group(group)
      ->type_name("PATH=VALUE")
      ->check(CLI::Validator(require_equals, ""))
      ->allow_extra_args(false);
  command.add_option("--seed", options.seed, "Seed of every random decision (printed when random)")
      ->group(group);
  command.add_option("--threads", options.threads, "Worker threads")
      ->group(group)
      ->check(CLI::Range(1U, 256U));
  command
      .add_option("--pace", options.pace,
                  "How to wait for the next intended start: spin (exact, burns a core), timer, or "
                  "auto (spin when a core is free)")
      ->group(group)
      ->check(CLI::IsMember({"auto", "spin", "timer"}));
}

void add_plan_options(CLI::App& command, PlanOptions& options) {
  const std::string group = "Plan";
  add_common_plan_options(command, options, group);
  command
      .add_option("--target", options.targets,
                  "Send to this URL instead of the plan's: [NAME=]URL (first target without NAME). "
                  "A host that is not loopback must be named by --allow too")
      ->group(group)
      ->type_name("[NAME=]URL")
      ->allow_extra_args(false);
  command.add_option("--allow", options.allow, "A host that squall may send to: HOST[:PORT]")
      ->group(group)
      ->type_name("HOST")
      ->allow_extra_args(false);
  add_run_id_option(command, options, group);
}

void add_run_id_option(CLI::App& command, PlanOptions& options, const std::string& group) {
  command
      .add_option("--run-id", options.run_id,
                  "Part of every idempotency key; fresh for each run unless forced here")
      ->group(group);
}

std::uint64_t entropy() {
  std::uint64_t bits = 0;
  SQUALL_CHECK(getrandom(&bits, sizeof bits, 0) == sizeof bits);
  return bits;
}

namespace {

// The same for all plans that this process loads: a replay's services are those of its first load.
std::string scratch_directories() {
  static const std::string path = [] {
    std::error_code problem;
    std::filesystem::path folder = std::filesystem::temp_directory_path(problem);
    if (problem) {
      folder = "/tmp";
    }
    return (std::filesystem::absolute(folder) / fmt::format("squall-{:016x}", entropy())).string();
  }();
  return path;
}

}  // namespace

plan::LoadOptions load_options(const PlanOptions& options) {
  plan::LoadOptions load;
  for (const std::string& assignment : options.set) {
    load.set.push_back(split_assignment(assignment));
  }
  if (options.no_preflight) {
    load.set.emplace_back("preflight", "false");
  }
  load.targets = options.targets;
  load.allow = options.allow;
  load.seed = options.seed;
  load.run_id = options.run_id;
  load.shard = options.shard;
  load.start_at = options.start_at;
  load.folder = options.folder;
  load.files = options.files;
  load.threads = options.threads;
  if (!options.pace.empty()) {
    load.pace = options.pace == "spin"    ? model::PaceMode::kSpin
                : options.pace == "timer" ? model::PaceMode::kTimer
                                          : model::PaceMode::kAuto;
  }
  load.environment =
      [own = options.environment](const std::string& name) -> std::optional<std::string> {
    if (const auto found = own.find(name); found != own.end()) {
      return found->second;
    }
    return effects::process_environment(name);
  };
  load.free_port = faults::free_port;
  load.entropy = entropy;
  if (!options.shard.is_whole() && options.run_id) {
    // A seed that nobody chose has to be one and the same for all shards.
    load.entropy = [bits = StreamId(0, *options.run_id, "seed").value()] { return bits; };
  }
  load.scratch = scratch_directories();
  return load;
}

std::shared_ptr<const model::Plan> load_plan(const PlanOptions& options, PlanWarnings warnings) {
  return print_problems(
      plan::load_file(options.file, registries().for_plans(), load_options(options)), warnings);
}

std::shared_ptr<const model::Plan> load_plan_text(const std::string& text,
                                                  const PlanOptions& options) {
  return print_problems(
      plan::load(text, options.file, registries().for_plans(), load_options(options)));
}

std::shared_ptr<const model::Plan> load_plan_document(expr::Value document,
                                                      const PlanOptions& options) {
  return print_problems(plan::load(std::move(document), options.file, registries().for_plans(),
                                   load_options(options)));
}

std::shared_ptr<const model::Plan> load_plan_text(
    const std::string& text, const PlanOptions& options,
    const std::function<Result<std::uint16_t>()>& free_port) {
  plan::LoadOptions load = load_options(options);
  load.free_port = free_port;
  return print_problems(plan::load(text, options.file, registries().for_plans(), load));
}

void note_services(const std::vector<std::string>& targets, const model::Plan& plan) {
  if (targets.empty() || plan.services.empty()) {
    return;
  }
  std::string names;
  for (const model::Service& service : plan.services) {
    if (service.replica == 1) {
      names += (names.empty() ? "" : ", ") + printable(service.name);
    }
  }
  say("squall: note: --target sends elsewhere, but the plan's services are started all the "
      "same ({}): take their [[service]] tables out of the plan when nothing needs them\n",
      names);
}

std::string command_that_repeats(const PlanOptions& options, const model::Plan& plan) {
  const std::string_view verb = plan.idempotency == nullptr ? "run" : "idempotency";
  std::string command = fmt::format("squall {} {}", verb, shell_quote(options.file));
  const auto add = [&](std::string_view option, const std::string& value) {
    command += fmt::format(" {} {}", option, shell_quote(value));
  };
  for (const std::string& value : options.set) {
    add("--set", value);
  }
  for (const std::string& value : options.targets) {
    add("--target", value);
  }
  for (const std::string& value : options.allow) {
    add("--allow", value);
  }
  if (options.threads) {
    add("--threads", std::to_string(*options.threads));
  }
  if (!options.pace.empty()) {
    add("--pace", options.pace);
  }
  if (options.no_preflight) {
    command += " --no-preflight";
  }
  add("--seed", std::to_string(plan.seed));
  if (!plan.load.shard.is_whole()) {
    command += fmt::format(" --run-id \"$RUN_ID\" --shard {}", run::to_string(plan.load.shard));
  }
  return model::redact(command, plan.secrets);
}

}  // namespace squall::app
