// squall selftest [PLAN]: how exact and how costly squall itself is.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/null_plan.hpp"
#include "loadgen/app/option_checks.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/scratch_directory.hpp"
#include "loadgen/app/selftest_report.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/net/http_server.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

constexpr const char* kDuration = "5s";

struct SelftestCommand {
  PlanOptions plan;  // without a file: the schedule of the options below
  std::string rate = "1000/s";
  std::optional<std::string> duration;  // checked: a duration
  unsigned connections = 64;
  std::string directory;
  std::string typed;
  bool quiet = false;
  bool no_color = false;
};

// Independent arrivals, as a target would see them of many callers.
std::string schedule_of(const SelftestCommand& command) {
  return fmt::format(R"(format = 1
name = "selftest"
[[target]]
name = "null"
urls = ["http://127.0.0.1:1"]
[load]
warmup = "1s"
duration = "{}"
connections = {}
[[scenario]]
name = "null"
arrivals = {{ process = "poisson", rate = "{}" }}
  [[scenario.step]]
  name = "get"
  request = "GET /"
)",
                     command.duration.value_or(kDuration), command.connections, command.rate);
}

std::shared_ptr<const model::Plan> load(const SelftestCommand& command) {
  if (!command.plan.file.empty()) {
    return load_plan(command.plan);
  }
  PlanOptions options = command.plan;
  options.file = "selftest";
  return load_plan_text(schedule_of(command), options);
}

ExitCode act(const SelftestCommand& command, const run::StopSignal& stop) {
  const std::shared_ptr<const model::Plan> plan = load(command);
  if (plan == nullptr) {
    return ExitCode::kUsage;
  }
  if (plan->scenarios.empty()) {
    say("squall: this plan has no traffic ([load] and [[scenario]]) to test with\n");
    return ExitCode::kUsage;
  }
  constexpr unsigned kSpare = 64;
  const auto server = net::HttpServer::start(
      {.max_connections = plan->load.connections + kSpare},
      [](const net::ServerRequest&) { return net::ServerReply{.body = R"({"ok":true})"}; });
  if (!server) {
    say("squall: {}\n", to_string(server.error()));
    return ExitCode::kUsage;
  }
  model::Plan null = null_plan(*plan, (*server)->port());
  if (command.duration) {
    null.load.duration = std::min(null.load.duration, *parse_duration(*command.duration));
  }
  const std::optional<ScratchDirectory> scratch =
      command.directory.empty() ? std::optional<ScratchDirectory>(std::in_place, "selftest")
                                : std::nullopt;
  const Terminal terminal(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          command.no_color ? Color::kNever : Color::kAuto);
  const auto view = terminal.make_view();
  const SessionResult session =
      run_session(std::make_shared<const model::Plan>(std::move(null)),
                  {.directory = scratch ? scratch->path() : command.directory,
                   .command = command.typed,
                   .announce = !command.directory.empty() && !command.quiet},
                  *view, stop);
  if (!session.directory.empty()) {
    terminal.print(selftest_report(session.record, terminal.format_options()));
  }
  return session.exit_code;
}

constexpr const char* kFooter = R"(
Fires a schedule at a server inside squall that answers at once, and prints what squall itself adds: its lateness (lag), the
round trip through the kernel, and what a request costs. Nothing of it is ever subtracted from results. With a PLAN: that
plan's arrivals, steps, engines and threads, without its faults, services, checks and TLS.

Examples:
  squall selftest
  squall selftest --rate 20000/s --for 10s --pace spin
  squall selftest my-plan.toml --for 10s

Exit codes: 0 the instrument keeps its limits at this load, 3 it does not (as in a run that would be invalid), 2 plan error.)";

}  // namespace

void add_selftest_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<SelftestCommand>();
  CLI::App* selftest = tree.add_subcommand(
      "selftest", "How exact and how costly squall is on this machine: a run against nothing");
  selftest->footer(kFooter);
  CLI::Option* plan = selftest->add_option("PLAN", command->plan.file,
                                           "A plan whose schedule is fired (default: --rate)");
  for (CLI::Option* option :
       {selftest->add_option("--rate", command->rate, "Arrivals, independent of each other")
            ->type_name("RATE")
            ->check(CLI::Validator(no_rate, ""))
            ->capture_default_str(),
        selftest->add_option("--connections,-c", command->connections, "Connections")
            ->check(CLI::Range(1U, 60'000U))
            ->capture_default_str()}) {
    option->excludes(plan);
  }
  selftest
      ->add_option("--for", command->duration,
                   "How long (default: 5s after a warm-up of 1s; with a PLAN: all of its load, and "
                   "never more)")
      ->type_name("TIME")
      ->check(CLI::Validator(no_duration, ""));
  add_common_plan_options(*selftest, command->plan, "Plan");
  selftest
      ->add_option("--out", command->directory,
                   "Keep the record in this directory, new or empty (default: nothing is kept)")
      ->type_name("DIR");
  selftest->add_flag("--quiet,-q", command->quiet, "No progress");
  selftest->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  selftest->callback([command, &cli] {
    command->typed = cli.typed;
    cli.action = [command, &cli] { return act(*command, cli.stop); };
  });
}

}  // namespace squall::app
