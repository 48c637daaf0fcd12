// squall ab PLAN --base URL --candidate URL
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/ab_session.hpp"
#include "loadgen/app/comparison_commands.hpp"
#include "loadgen/app/option_checks.hpp"
#include "loadgen/app/output.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

std::string no_assignment(const std::string& text) {
  return text.find('=') == std::string::npos ? "write PATH=VALUE, for example vars.image=shop:2"
                                             : "";
}

ExitCode act(const AbOptions& options, const run::StopSignal& stop) {
  const auto is_named = [](const AbSide& side) { return !side.url.empty() || !side.set.empty(); };
  if (!is_named(options.base) && !is_named(options.candidate)) {
    say("squall: say what the two sides are: --base URL --candidate URL, or what differs "
        "in the plan: --candidate-set PATH=VALUE\n");
    return ExitCode::kUsage;
  }
  if (options.base.url.empty() != options.candidate.url.empty()) {
    say("squall: --base and --candidate go together\n");
    return ExitCode::kUsage;
  }
  return run_ab(options, stop);
}

constexpr const char* kFooter = R"(
Examples:
  squall ab plans/checkout.toml --base http://127.0.0.1:8080 --candidate http://127.0.0.1:8081
  squall ab my-plan.toml --base URL --candidate URL --rounds 20 --for 10s
  squall ab my-plan.toml --candidate-set vars.shop=./shop-new --metric "response p99"

Both sides take turns in one job (base candidate, candidate base, ...; the seed says which begins),
after some rounds of the base against itself, which tell the noise floor. Each run is a whole run of
the plan, warm-up included; both of a round have the same seed, so the same requests at the same
times. With --base and --candidate both targets must be up all along, on like machines; services of
the plan are started anew for each run, also when nothing needs them.

better and worse are differences that chance does not explain (95%, over all metrics together) and
that are larger than the tolerance and the noise floor; same is shown, too: the whole interval lies
inside the tolerance. Tolerances are the plan's [baseline], or --tolerance.

Exit codes: 0 not worse, 2 usage or plan error, 3 no round was a valid measurement, 4 a target never
reachable, 6 worse, 7 inconclusive (--strict), 9 results could not be written, 130/143 stopped by a
signal.)";

void add_sides(CLI::App& ab, AbOptions& options) {
  ab.add_option("--base", options.base.url,
                "The side that is known: [NAME=]URL (the plan's first target without NAME)")
      ->type_name("[NAME=]URL");
  ab.add_option("--candidate", options.candidate.url, "The side that is judged")
      ->type_name("[NAME=]URL");
  for (AbSide* side : {&options.base, &options.candidate}) {
    ab.add_option(
          fmt::format("--{}-set", side->name), side->set,
          fmt::format("Change a value of the plan for the {} alone, as --set does", side->name))
        ->type_name("PATH=VALUE")
        ->check(CLI::Validator(no_assignment, ""))
        ->allow_extra_args(false);
  }
}

}  // namespace

void add_ab_command(CLI::App& tree, Cli& cli) {
  constexpr unsigned kMostRounds = 1000;
  auto options = std::make_shared<AbOptions>();
  options->base.name = "base";
  options->candidate.name = "candidate";
  CLI::App* ab = tree.add_subcommand(
      "ab",
      "Compare two targets by runs in turns, in one job. Exit code 6: the candidate is worse");
  ab->footer(kFooter);
  ab->add_option("PLAN", options->plan.file, "The plan, a TOML file (see plans/README.md)")
      ->required();
  add_sides(*ab, *options);
  ab->add_option("--rounds", options->rounds, "Rounds, a run of each side in each")
      ->check(CLI::Range(2U, kMostRounds))
      ->capture_default_str();
  ab->add_option("--noise-rounds", options->noise_rounds,
                 "Rounds of the base against itself before")
      ->check(CLI::Range(0U, kMostRounds))
      ->capture_default_str();
  ab->add_option("--for", options->length, "Duration of the load of each run (default: the plan's)")
      ->type_name("TIME")
      ->check(CLI::Validator(no_duration, ""));
  add_comparison_options(*ab, options->comparison);
  add_plan_options(*ab, options->plan);
  ab->add_option("--out", options->directory,
                 "Directory for the results, new or empty (default: squall-runs/ab-PLAN-TIME-SEED)")
      ->type_name("DIR");
  ab->add_flag("--strict", options->strict, "Exit 7 when the whole is inconclusive");
  ab->add_flag("--quiet,-q", options->quiet, "Print nothing but problems and the result line");
  ab->add_flag("--no-color", options->no_color, "No colours (NO_COLOR does the same)");
  ab->callback(
      [options, &cli] { cli.action = [options, &cli] { return act(*options, cli.stop); }; });
}

}  // namespace squall::app
