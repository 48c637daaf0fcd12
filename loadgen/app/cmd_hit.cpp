// squall hit URL…
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/hit_plan.hpp"
#include "loadgen/app/iteration_print.hpp"
#include "loadgen/app/live_options.hpp"
#include "loadgen/app/live_views.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/run_session.hpp"
#include "loadgen/app/shard_options.hpp"
#include "loadgen/app/terminal.hpp"
#include "loadgen/base/text.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct HitCommand {
  HitOptions hit;
  ShardOptions shard;
  std::string save_plan;
  std::string directory;
  bool debug = false;
  bool quiet = false;
  bool no_color = false;
  LiveOptions live;
  bool strict = false;
};

ExitCode refuse(const Error& error) {
  say("squall: {}\n", to_string(error));
  const bool io = error.code == ErrorCode::kIo || error.code == ErrorCode::kExhausted;
  return io ? ExitCode::kNotWritten : ExitCode::kUsage;
}

// "-" is the standard output. The files that the plan reads lie beside it.
Result<void> save(const HitCommand& command, const HitPlan& plan) {
  if (command.save_plan != "-") {
    const std::filesystem::path folder = std::filesystem::path(command.save_plan).parent_path();
    for (const auto& [name, content] : plan.files) {
      if (auto written = write_file((folder / name).string(), content); !written) {
        return written;
      }
    }
    return write_file(command.save_plan, plan.toml);
  }
  if (!plan.files.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--save-plan: a list of so many targets is a file beside the plan, so the plan "
                "needs a folder: give the name of a file");
  }
  if (std::fwrite(plan.toml.data(), 1, plan.toml.size(), stdout) != plan.toml.size() ||
      std::fflush(stdout) != 0) {
    return fail(ErrorCode::kIo, "the plan could not be written to standard output");
  }
  return {};
}

std::string how_to_run(const HitCommand& command, const HitPlan& plan) {
  std::string text;
  if (command.save_plan != "-") {
    text = fmt::format("plan written to {}; run it with: squall run {}\n", command.save_plan,
                       shell_quote(command.save_plan));
  }
  for (const auto& [name, value] : plan.secrets) {
    text += fmt::format("it reads a credential from the environment: set {}\n", name);
  }
  return text;
}

ExitCode act(const HitCommand& command, const run::StopSignal& stop) {
  const Terminal terminal(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          command.no_color ? Color::kNever : Color::kAuto, command.live);
  const auto hit = hit_plan(command.hit);
  if (!hit) {
    return terminal.without_run(refuse(hit.error()));
  }
  PlanOptions options = command.hit.plan;
  if (const auto settled = settle_shard(command.shard, options); !settled) {
    return terminal.without_run(refuse(settled.error()));
  }
  for (std::string& setting : settings_for(command.live)) {
    options.set.push_back(std::move(setting));
  }
  options.file = command.save_plan.empty() ? "squall hit" : command.save_plan;
  options.environment = hit->secrets;
  options.files = &hit->files;
  if (!command.save_plan.empty()) {
    if (const auto written = save(command, *hit); !written) {
      return terminal.without_run(refuse(written.error()));
    }
  }
  // A plan that is written down is what its problems point into.
  const auto plan = command.save_plan.empty() ? load_plan_document(hit->document, options)
                                              : load_plan_text(hit->toml, options);
  if (!plan) {
    return terminal.without_run(ExitCode::kUsage);
  }
  if (!command.save_plan.empty()) {
    const std::string hint = how_to_run(command, *hit);
    if (command.save_plan == "-") {
      say("{}", hint);
    } else {
      terminal.print(hint);
    }
    return ExitCode::kPass;
  }
  if (command.debug) {
    return run_once(*plan, Detail::kWhole, stop);
  }
  const auto views = LiveViews::open_or_tell(terminal, command.live, *plan);
  if (views == nullptr) {
    return terminal.without_run(ExitCode::kUsage);
  }
  const SessionResult session =
      run_session(plan,
                  {.directory = command.directory,
                   .command = model::redact(command.hit.typed, plan->secrets),
                   .strict = command.strict,
                   .announce = !command.quiet,
                   .spans = views->take_spans(),
                   .files = &hit->files},
                  *views, stop);
  if (session.directory.empty()) {
    return terminal.without_run(session.exit_code);
  }
  terminal.print_summary(session.record, session.directory);
  return session.exit_code;
}

constexpr const char* kFooter = R"(
Examples:
  squall hit http://127.0.0.1:8080/                              50 requests a second for 10 s
  squall hit -r 500/s -z 30s http://127.0.0.1:8080/              open model, as wrk2 and vegeta
  squall hit -n 10000 -c 50 http://127.0.0.1:8080/               closed model, as hey and oha
  squall hit -r 2k/s --ramp 20s -z 60s --require "response p99 < 200ms" https://staging.example/
  squall hit -r 50/s --duplicate 10% --drop 5% -H "Idempotency-Key: {{key}}" \
             --json '{"amount": 1999}' http://127.0.0.1:8080/payments
  squall hit --targets requests.txt -r 100/s --save-plan my-plan.toml

The exit code is the verdict, the results are those of `squall run`. Texts are templates: {{seq}},
{{key}}, {{now}} and ${env:NAME} are filled in. Credentials in headers are kept out of reports and
saved plans.)";

}  // namespace

void add_hit_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<HitCommand>();
  CLI::App* hit = tree.add_subcommand(
      "hit", "Fire at a URL without a plan: rate or users, faults, a condition. Same results");
  hit->footer(kFooter);
  add_hit_options(*hit, command->hit);
  const std::string group = "Run";
  add_run_id_option(*hit, command->hit.plan, group);
  add_shard_options(*hit, command->shard, group);
  hit->add_option("-o,--out", command->directory,
                  "Directory for the results, new or empty (default: squall-runs/PLAN-TIME-SEED)")
      ->group(group)
      ->type_name("DIR");
  hit->add_option("--save-plan", command->save_plan,
                  "Write the plan that this command line stands for, and send nothing; - is the "
                  "standard output")
      ->group(group)
      ->type_name("FILE");
  hit->add_option("--allow", command->hit.plan.allow,
                  "A host that squall may send to beside those of the URLs (--otlp): HOST[:PORT]")
      ->group(group)
      ->type_name("HOST")
      ->allow_extra_args(false);
  hit->add_flag("--debug", command->debug,
                "Send each request once and print it and its answer whole")
      ->group(group);
  hit->add_flag("--no-preflight", command->hit.plan.no_preflight,
                "Start the load without trying each request once before")
      ->group(group);
  hit->add_flag("--strict", command->strict, "Exit 7 when a check had too few samples to decide")
      ->group(group);
  hit->add_flag("-q,--quiet", command->quiet, "Print nothing but problems and the verdict line")
      ->group(group);
  hit->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)")
      ->group(group);
  add_live_options(*hit, command->live);
  add_otlp_option(*hit, command->live);
  hit->callback([command, &cli] {
    command->hit.typed = cli.typed;
    cli.action = [command, &cli] { return act(*command, cli.stop); };
  });
}

}  // namespace squall::app
