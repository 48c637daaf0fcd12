// squall run PLAN
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/baseline.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/iteration_print.hpp"
#include "loadgen/app/live_options.hpp"
#include "loadgen/app/live_views.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/shard_options.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/base/text.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct RunCommand {
  PlanOptions plan;
  ShardOptions shard;
  std::string directory;
  BaselineOptions baseline;
  bool quiet = false;
  bool once = false;
  bool debug = false;
  bool strict = false;
  bool no_color = false;
  LiveOptions live;
};

// Opens it and says what this run is to it; false when nothing may be sent.
bool open(const RunCommand& command, const model::Plan& plan, std::optional<Baseline>& baseline) {
  if (!plan.load.shard.is_whole()) {
    if (!command.baseline.directory.empty() || command.baseline.update) {
      say("squall: --baseline: a part of a run cannot be compared with a whole one: join the "
          "shards "
          "and compare what comes out (squall merge, squall compare); nothing was sent\n");
    }
    return command.baseline.directory.empty() && !command.baseline.update;
  }
  auto opened = open_baseline(plan, command.baseline);
  if (!opened) {
    say("squall: {}; nothing was sent\n", to_string(opened.error()));
    return false;
  }
  baseline = std::move(*opened);
  if (baseline && baseline->record == nullptr) {
    say("squall: {} baseline in {}: this run becomes it, if it passes\n",
        command.baseline.update ? "a new" : "there is no", printable(baseline->directory, 500));
  }
  return true;
}

std::string command_line_of(const RunCommand& command, const model::Plan& plan) {
  std::string text = command_that_repeats(command.plan, plan);
  if (!command.baseline.directory.empty()) {
    text += " --baseline " + shell_quote(command.baseline.directory);
  }
  return text;
}

ExitCode act(RunCommand command, const run::StopSignal& stop) {
  const Terminal terminal(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          command.no_color ? Color::kNever : Color::kAuto, command.live);
  if (auto settled = settle_shard(command.shard, command.plan); !settled) {
    say("squall: {}\n", to_string(settled.error()));
    return terminal.without_run(ExitCode::kUsage);
  }
  for (std::string& setting : settings_for(command.live)) {
    command.plan.set.push_back(std::move(setting));
  }
  const auto plan = load_plan(command.plan);
  if (!plan) {
    return terminal.without_run(ExitCode::kUsage);
  }
  if (plan->scenarios.empty()) {
    say("squall: {0}: this plan has no traffic ([load] and [[scenario]]) but what it verifies: "
        "squall idempotency {0}\n",
        printable(command.plan.file));
    return terminal.without_run(ExitCode::kUsage);
  }
  note_services(command.plan.targets, *plan);
  if (command.once) {
    return run_once(*plan, command.debug ? Detail::kWhole : Detail::kSummary, stop);
  }
  std::optional<Baseline> baseline;
  if (!open(command, *plan, baseline)) {
    return terminal.without_run(ExitCode::kUsage);
  }
  const auto views = LiveViews::open_or_tell(terminal, command.live, *plan);
  if (views == nullptr) {
    return terminal.without_run(ExitCode::kUsage);
  }
  const SessionResult session = run_compared_session(plan,
                                                     {.directory = command.directory,
                                                      .command = command_line_of(command, *plan),
                                                      .strict = command.strict,
                                                      .announce = !command.quiet,
                                                      .spans = views->take_spans()},
                                                     baseline ? &*baseline : nullptr, *views, stop);
  if (session.directory.empty()) {
    return terminal.without_run(session.exit_code);
  }
  terminal.print_summary(session.record, session.directory);
  return session.exit_code;
}

constexpr const char* kFooter = R"(
Examples:
  squall run plans/checkout.toml
  squall run my-plan.toml --once --debug                       each request and its answer, whole
  squall run my-plan.toml --set scenario.buy.arrivals.rate=500/s --set load.duration=5m
  squall run my-plan.toml --target https://staging.example/ --allow staging.example
  squall run my-plan.toml --seed 7 --out results               the same decisions again
  squall run my-plan.toml --baseline baselines/main            exit 6 when it got worse
  squall run my-plan.toml --shard 2/8 --run-id night-42 --start-at 2026-11-28T13:00:00Z

Exit codes: 0 pass, 1 a check failed, 2 plan error, 3 invalid measurement, 4 target never reachable,
5 correctness violated, 6 regression, 7 inconclusive (--strict); `squall --help` has all of them.)";

}  // namespace

void add_run_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<RunCommand>();
  CLI::App* run = tree.add_subcommand(
      "run", "Run a plan: traffic, faults, effects, verdict. The exit code is the verdict");
  run->footer(kFooter);
  run->add_option("PLAN", command->plan.file, "The plan, a TOML file (see plans/README.md)")
      ->required();
  add_plan_options(*run, command->plan);
  add_shard_options(*run, command->shard, "Plan");
  run->add_option("--out", command->directory,
                  "Directory for the results, new or empty (default: squall-runs/PLAN-TIME-SEED)")
      ->type_name("DIR");
  run->add_option("--baseline", command->baseline.directory,
                  "Compare with the record in this directory; when there is none yet, a run that "
                  "passes stores its own (default: the plan's [baseline])")
      ->type_name("DIR");
  run->add_flag("--update-baseline", command->baseline.update,
                "After a change that was accepted: do not compare, and replace the baseline by "
                "this run if it passes");
  run->add_flag("--quiet,-q", command->quiet, "Print nothing but problems and the verdict line");
  run->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  CLI::Option* once = run->add_flag(
      "--once", command->once,
      "Send one iteration of each scenario without faults, and stop: does the plan work?");
  run->add_flag("--debug", command->debug,
                "With --once: print requests and answers whole (secrets masked)")
      ->needs(once);
  run->add_flag("--no-preflight", command->plan.no_preflight,
                "Start the load without trying each step once before");
  run->add_flag("--strict", command->strict, "Exit 7 when a check had too few samples to decide");
  add_live_options(*run, command->live);
  add_otlp_option(*run, command->live);
  once->excludes(run->get_option("--output"));
  once->excludes(run->get_option("--otlp"));
  run->callback(
      [command, &cli] { cli.action = [command, &cli] { return act(*command, cli.stop); }; });
}

}  // namespace squall::app
