// squall merge DIR…: joins the shards of a run.
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/merge_run.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/terminal.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct MergeCommand {
  MergeOptions merge;
  bool partial = false;
  bool quiet = false;
  bool no_color = false;
};

ExitCode act(MergeCommand command) {
  command.merge.missing =
      command.partial ? run::MissingShards::kTold : run::MissingShards::kRefused;
  const auto merged = merge_runs(command.merge);
  if (!merged) {
    say("squall: {}\n", to_string(merged.error()));
    return merged.error().code == ErrorCode::kIo ? ExitCode::kNotWritten : ExitCode::kUsage;
  }
  const Terminal terminal(command.quiet ? Verbosity::kQuiet : Verbosity::kNormal,
                          command.no_color ? Color::kNever : Color::kAuto);
  terminal.print_summary(merged->record, merged->directory);
  return merged->record.exit_code;
}

constexpr const char* kFooter = R"(
Examples:
  squall merge shard-*/ -o whole
  squall merge shard-*/ -o whole --partial                     one of them is lost

Nothing is lost: histograms, counters, seconds, the plan digest, effects and the ledger are those
that one process would have left. The exit code is the verdict of the plan's checks, as of
`squall run`.)";

}  // namespace

void add_merge_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<MergeCommand>();
  CLI::App* merge = tree.add_subcommand(
      "merge", "Join the shards of a run (--shard) to one run, judge it and write its reports");
  merge->footer(kFooter);
  merge
      ->add_option("DIR", command->merge.directories, "The directories of the shards, in any order")
      ->required();
  merge
      ->add_option("-o,--out", command->merge.out,
                   "Directory for the results, new or empty (default: squall-runs/PLAN-TIME-SEED)")
      ->type_name("DIR");
  merge->add_flag("--partial", command->partial,
                  "Join what is there although shards are missing; the verdict says so");
  merge->add_flag("--strict", command->merge.strict,
                  "Exit 7 when a check had too few samples to decide");
  merge->add_flag("-q,--quiet", command->quiet, "Print nothing but problems and the verdict line");
  merge->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  merge->callback([command, &cli] { cli.action = [command] { return act(*command); }; });
}

}  // namespace squall::app
