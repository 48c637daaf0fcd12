// squall demo: the same plan against a shop that is racy and one that is not.
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "checkout_plan.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/base/text.hpp"

namespace squall::app {
namespace {

namespace fs = std::filesystem;
using model::ExitCode;

struct DemoCommand {
  bool quiet = false;
  bool no_color = false;
};

struct Side {
  std::string title;
  std::string payments;  // the shop's switch
  ExitCode expected;
  SessionResult session = {};
};

// The demo leaves the plan beside its runs, so that the commands which it and its reports print
// work from where it was started, with or without squall's sources.
std::string plan_file(const std::string& directory) {
  return directory + "/checkout.toml";
}

// Shorter than the plan as it ships; the faults' windows shrink with it. Only effects decide, so
// that a busy machine cannot spoil the demonstration.
PlanOptions options_for(const Side& side, const std::string& directory) {
  constexpr const char* kEffectsOnly =
      R"(checks.require=["duplicate_effects == 0", "lost_effects == 0", "phantom_effects == 0"])";
  PlanOptions options;
  options.file = plan_file(directory);
  options.set = {"vars.payments=" + side.payments,
                 "load.warmup=1s",
                 "load.duration=7s",
                 R"(fault.lost-ack.window=["1s", "6s"])",
                 R"(fault.slow-psp.window=["3s", "5s"])",
                 kEffectsOnly};
  return options;
}

bool run_side(Side& side, const std::string& directory, const Terminal& terminal,
              const DemoCommand& command, const run::StopSignal& stop) {
  const PlanOptions options = options_for(side, directory);
  const auto plan = load_plan(options);
  if (!plan) {
    return false;
  }
  if (!command.quiet) {
    terminal.print(fmt::format("\n=== {} ===\n", side.title));
  }
  const auto view = terminal.make_view();
  side.session = run_session(plan,
                             {.directory = fmt::format("{}/{}", directory, side.payments),
                              .command = command_that_repeats(options, *plan),
                              .strict = false},
                             *view, stop);
  if (!side.session.directory.empty()) {
    terminal.print_summary(side.session.record, side.session.directory);
  }
  return !stop.raised();
}

std::uint64_t effects_with(const model::RunRecord& record, model::EffectVerdict verdict) {
  std::uint64_t count = 0;
  for (const model::EffectCounts& step : record.effects.steps) {
    count += step.verdicts[static_cast<std::size_t>(verdict)];
  }
  return count;
}

std::uint64_t operations_of(const model::RunRecord& record) {
  std::uint64_t count = 0;
  for (const model::EffectCounts& step : record.effects.steps) {
    count += step.operations;
  }
  return count;
}

std::string comparison(const Side& racy, const Side& atomic) {
  const auto row = [&](std::string_view what, auto value) {
    return fmt::format("{:<28}{:>16}{:>16}\n", what, value(racy.session.record),
                       value(atomic.session.record));
  };
  std::string text =
      fmt::format("\n{:<28}{:>16}{:>16}\n", "side by side", "racy shop", "atomic shop");
  text += row("payments asked for", operations_of);
  text += row("charged twice (or more)", [](const model::RunRecord& record) {
    return effects_with(record, model::EffectVerdict::kDuplicate);
  });
  text += row("acknowledged, never charged", [](const model::RunRecord& record) {
    return effects_with(record, model::EffectVerdict::kLost);
  });
  text += row("verdict", [](const model::RunRecord& record) {
    return std::string(model::to_string(record.verdict));
  });
  text += row("exit code",
              [](const model::RunRecord& record) { return static_cast<int>(record.exit_code); });
  return text;
}

// How `squall` is found by a shell that does not find this program under that name; else nothing.
std::string path_line() {
  std::error_code none;
  const fs::path self = fs::read_symlink("/proc/self/exe", none);
  const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
  for (const std::string_view folder : split(path == nullptr ? "" : path, ':')) {
    if (!folder.empty() && fs::equivalent(fs::path(folder) / "squall", self, none)) {
      return {};
    }
  }
  return fmt::format("  export PATH={}:\"$PATH\"\n", shell_quote(self.parent_path().string()));
}

std::string next_steps(const Side& racy, const std::string& directory) {
  std::string key = "KEY";
  if (!racy.session.record.effects.cases.empty()) {
    key = racy.session.record.effects.cases.front().operation.key;
  }
  return fmt::format(R"(
The racy shop looks its idempotency key up before it calls the payment provider and stores it after:
two requests that arrive together both find nothing. The atomic shop claims the key first, by a
unique constraint, and lets the loser wait for the winner's answer.

Where to look next:
{3}  squall replay {0} --key {1}
                                        repeat one double charge, alone
  squall report {0} --as markdown       the same run for a pull request
  less {0}/ledger.ndjson                every attempt and copy
  squall run {2}
                                        the plan itself, commented: yours may start from it
)",
                     racy.session.directory, key, plan_file(directory), path_line());
}

ExitCode act(const DemoCommand& command, const run::StopSignal& stop) {
  const Terminal terminal(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          command.no_color ? Color::kNever : Color::kAuto);
  const auto directory = make_fresh_directory("demo");
  const auto written =
      directory ? write_file(plan_file(*directory), kCheckoutPlan) : fail(directory.error());
  if (!written) {
    say("squall: {}\n", to_string(written.error()));
    return ExitCode::kNotWritten;
  }
  Side racy{.title = "1 of 2: a shop that checks its idempotency keys, but not atomically",
            .payments = "racy",
            .expected = ExitCode::kCorrectness};
  Side atomic{
      .title = "2 of 2: the same shop, mended", .payments = "atomic", .expected = ExitCode::kPass};
  for (Side* side : {&racy, &atomic}) {
    if (!run_side(*side, *directory, terminal, command, stop)) {
      return !stop.raised() ? ExitCode::kUsage : static_cast<ExitCode>(128 + stop.signal());
    }
  }
  terminal.print(comparison(racy, atomic));
  for (const Side* side : {&racy, &atomic}) {
    if (side->session.exit_code != side->expected) {
      say("\nsquall: the {} shop's run ended with exit code {} instead of {}: see {}\n",
          side->payments, static_cast<int>(side->session.exit_code),
          static_cast<int>(side->expected), side->session.directory);
      return ExitCode::kCheckFailed;
    }
  }
  if (!command.quiet) {
    terminal.print(next_steps(racy, *directory));
  }
  return ExitCode::kPass;
}

}  // namespace

void add_demo_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<DemoCommand>();
  CLI::App* demo = tree.add_subcommand(
      "demo", "20 seconds: a racy shop charges twice and is caught, the mended one passes");
  demo->add_flag("--quiet,-q", command->quiet, "Verdict lines and the comparison only");
  demo->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  demo->callback(
      [command, &cli] { cli.action = [command, &cli] { return act(*command, cli.stop); }; });
}

}  // namespace squall::app
