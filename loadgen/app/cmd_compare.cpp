// squall compare BASE NEW
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/comparison_commands.hpp"
#include "loadgen/app/comparison_options.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/recorded_run.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/base/text.hpp"
#include "reports/compare/comparable.hpp"
#include "reports/compare/compare_runs.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct CompareCommand {
  std::string base;
  std::string candidate;
  ComparisonOptions comparison;
  std::string format = "terminal";
  std::string output;
  bool force = false;
  bool strict = false;
  bool no_color = false;
};

// A run's directory, or a record.json wherever it was put.
Result<model::RunRecord> read_side(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(path, none) ? read_record_file(path)
                                                      : read_recorded_run(path);
}

// Says why they are not compared.
void refuse(const CompareCommand& command, const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) {
    say("squall: {}\n", problem);
  }
  say("squall: {} and {} are not runs of the same thing, so a difference would say "
      "nothing; --force compares them all the same\n",
      printable(command.base, 500), printable(command.candidate, 500));
}

std::string rendered(const CompareCommand& command, const model::ComparisonReport& report) {
  if (command.format == "json") {
    return model::to_json(report);
  }
  if (command.format == "markdown") {
    return markdown_document(report);
  }
  const bool plain = command.no_color || !command.output.empty();
  return terminal_document(report, plain ? ComparisonColor::kNever : ComparisonColor::kAuto);
}

ExitCode act(const CompareCommand& command) {
  const auto base = read_side(command.base);
  const auto candidate = read_side(command.candidate);
  for (const auto* side : {&base, &candidate}) {
    if (!*side) {
      say("squall: {}\n", to_string(side->error()));
    }
  }
  if (!base || !candidate) {
    return ExitCode::kUsage;
  }
  const std::vector<std::string> problems = reports::why_not_comparable(*base, *candidate);
  if (!problems.empty() && !command.force) {
    refuse(command, problems);
    return ExitCode::kUsage;
  }
  model::ComparisonReport report =
      reports::compare_runs(*base, *candidate, with_options({}, command.comparison),
                            {.base = command.base, .candidate = command.candidate});
  for (const std::string& problem : problems) {
    report.notes.push_back("compared by --force: " + problem);
  }
  const std::string text = rendered(command, report);
  if (command.output.empty()) {
    put(text);
  } else if (auto written = write_file(command.output, text); !written) {
    say("squall: {}\n", to_string(written.error()));
    return ExitCode::kNotWritten;
  }
  return exit_code_of(report.verdict, command.strict);
}

constexpr const char* kFooter = R"(
Examples:
  squall compare squall-runs/OLD squall-runs/NEW
  squall compare old/record.json new/record.json --tolerance response_p99=10%
  squall compare OLD NEW --metric "response p99" --metric error_rate --strict
  squall compare OLD NEW --as markdown -o comparison.md

better and worse are differences that chance does not explain (95%, over all metrics together) and
that are larger than the tolerance; same is shown, too: the whole interval lies inside it. Two runs
of the same thing also differ by what no single run knows: `squall ab` takes that into account.

Exit codes: 0 not worse, 2 not comparable, 6 worse, 7 inconclusive (--strict).)";

}  // namespace

void add_compare_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<CompareCommand>();
  CLI::App* compare = tree.add_subcommand(
      "compare", "Compare two runs, with how sure each difference is. Exit code 6: worse");
  compare->footer(kFooter);
  compare->add_option("BASE", command->base, "A run's directory, or its record.json")->required();
  compare->add_option("NEW", command->candidate, "The same of the run to judge")->required();
  add_comparison_options(*compare, command->comparison);
  compare->add_flag("--force", command->force,
                    "Compare runs of different plans or loads all the same");
  compare->add_flag("--strict", command->strict, "Exit 7 when the whole is inconclusive");
  compare->add_option("--as", command->format, "Format")
      ->check(CLI::IsMember({"terminal", "markdown", "json"}))
      ->capture_default_str();
  compare->add_option("--output,-o", command->output, "Write to this file instead of stdout")
      ->type_name("FILE");
  compare->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  compare->callback([command, &cli] { cli.action = [command] { return act(*command); }; });
}

}  // namespace squall::app
