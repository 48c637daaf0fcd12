// squall skew PLAN: how old, and how far ahead, a request may be before it is refused.
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/option_checks.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/terminal.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct SkewCommand {
  PlanOptions plan;
  std::string step;
  std::string to;
  std::string resolution;
  std::string tries;
  std::string window;
  std::string leeway;
  std::string ahead;
  std::string directory;
  std::string typed;
  bool quiet = false;
  bool no_color = false;
};

// The plan's options with what was typed in place of its [skew], and only the sweep to judge.
PlanOptions sweep_options(const SkewCommand& command) {
  PlanOptions options = command.plan;
  for (const auto& [key, value] : {std::pair{"step", &command.step},
                                   {"to", &command.to},
                                   {"resolution", &command.resolution},
                                   {"tries", &command.tries},
                                   {"window", &command.window},
                                   {"leeway", &command.leeway},
                                   {"ahead", &command.ahead}}) {
    if (!value->empty()) {
      options.set.push_back(fmt::format("skew.{}={}", key, *value));
    }
  }
  options.set.emplace_back("checks.require=[]");
  options.set.emplace_back("checks.findings=[\"immortal-token\"]");
  options.no_preflight = true;  // the sweep begins with the true time itself
  return options;
}

ExitCode act(const SkewCommand& command, const run::StopSignal& stop) {
  const PlanOptions options = sweep_options(command);
  const auto plan = load_plan(options);
  if (!plan) {
    return ExitCode::kUsage;
  }
  if (!plan->skew) {
    say("squall: whose times? give --step SCENARIO.STEP, or a plan with [skew]\n");
    return ExitCode::kUsage;
  }
  note_services(command.plan.targets, *plan);
  const Terminal terminal(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          command.no_color ? Color::kNever : Color::kAuto);
  const auto view = terminal.make_view();
  const SessionResult session = run_session(plan,
                                            {.directory = command.directory,
                                             .command = model::redact(command.typed, plan->secrets),
                                             .strict = true,
                                             .announce = !command.quiet,
                                             .instead_of_load = nothing_instead_of_load()},
                                            *view, stop);
  if (!session.directory.empty()) {
    terminal.print_summary(session.record, session.directory);
  }
  return session.exit_code;
}

constexpr const char* kFooter = R"(
Tokens, signed timestamps and one-time passwords are made anew for each request as a client would whose clock is off; the offset
grows until the target refuses, then bisection narrows the edge to --resolution. Both signs are tried, each offset --tries times:
where the answers differ the edge flaps. The target's own clock is read off its Date headers first, and taken off. Accepted is what
the step takes for a success; nothing but the sweep is sent. Without --window a credential that is never refused fails, and edges
are told; known windows: JWT leeway "no more than a few minutes" (many libraries: none), webhook signatures often 300s,
one-time passwords one step of 30s either way.

  squall skew my-plan.toml --step api.charge
  squall skew my-plan.toml --step api.charge --window 300s --leeway 5s --ahead 0s      a gate: exit 1 when an edge lies elsewhere
  squall skew my-plan.toml --step api.login --to 10m --resolution 1s --tries 5

Exit codes: 0 as promised, 1 not, 2 plan error, 3 the sweep could not be done, 4 target never reachable, 7 the target's clock is
not known.)";

}  // namespace

void add_skew_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<SkewCommand>();
  CLI::App* skew = tree.add_subcommand(
      "skew", "Find how long tokens and signatures are accepted: the edges in time, by bisection");
  skew->footer(kFooter);
  skew->add_option("PLAN", command->plan.file, "The plan, a TOML file; its load is not sent")
      ->required();
  skew->add_option("--step", command->step, "Whose requests (default: the plan's skew.step)")
      ->type_name("SCENARIO.STEP");
  skew->add_option("--to", command->to, "The farthest offset, either way (default: 24h)")
      ->type_name("TIME")
      ->check(no_duration);
  skew->add_option("--resolution", command->resolution, "How narrow an edge is found (default: 1s)")
      ->type_name("TIME")
      ->check(no_duration);
  skew->add_option("--tries", command->tries, "Requests at each offset (default: 3)")
      ->type_name("N")
      ->check(no_count);
  skew->add_option("--window", command->window,
                   "How old a request may be, as promised; without it only never is wrong")
      ->type_name("TIME")
      ->check(no_duration);
  skew->add_option("--leeway", command->leeway,
                   "What may be tolerated beside --window and --ahead (default: 0s)")
      ->type_name("TIME")
      ->check(no_duration);
  skew->add_option("--ahead", command->ahead,
                   "How far ahead of its time a request may be, as promised (default: not judged)")
      ->type_name("TIME")
      ->check(no_duration);
  add_plan_options(*skew, command->plan);
  skew->add_option("--out", command->directory,
                   "Directory for the results, new or empty (default: squall-runs/PLAN-TIME-SEED)")
      ->type_name("DIR");
  skew->add_flag("--quiet,-q", command->quiet, "Print nothing but problems and the verdict line");
  skew->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  skew->callback([command, &cli] {
    command->typed = cli.typed;
    cli.action = [command, &cli] { return act(*command, cli.stop); };
  });
}

}  // namespace squall::app
