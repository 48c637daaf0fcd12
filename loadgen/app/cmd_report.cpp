// squall report DIR
#include <memory>

#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/recorded_run.hpp"
#include "loadgen/app/registries.hpp"
#include "loadgen/app/run_directory.hpp"
#include "loadgen/app/run_history.hpp"
#include "loadgen/app/terminal.hpp"
#include "reports/history/export.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct ReportCommand {
  std::string directory;
  std::string format = "terminal";
  std::string output;
  bool no_color = false;
};

std::vector<std::string> format_names() {
  const auto names = registries().formats.names();
  std::vector<std::string> all(names.begin(), names.end());
  for (const reports::HistoryExport& one : reports::history_exports()) {
    all.emplace_back(one.name);
  }
  return all;
}

Result<std::string> rendered(const ReportCommand& command, const model::RunRecord& record) {
  if (const model::FormatKind* format = registries().formats.find(command.format)) {
    return format->render(record, {.directory = command.directory});
  }
  return export_history(command.directory, record, command.format);
}

ExitCode act(const ReportCommand& command) {
  const auto record = read_recorded_run(command.directory);
  if (!record) {
    say("squall: {}\n", to_string(record.error()));
    return ExitCode::kUsage;
  }
  const Terminal terminal(Verbosity::kNormal, command.no_color ? Color::kNever : Color::kAuto);
  if (command.format == "terminal" && command.output.empty()) {
    put(terminal.summary(*record, command.directory));
    return ExitCode::kPass;
  }
  const auto text = rendered(command, *record);
  if (!text) {
    say("squall: {}\n", to_string(text.error()));
    return ExitCode::kUsage;
  }
  if (command.output.empty()) {
    put(*text);
    return ExitCode::kPass;
  }
  if (auto written = write_file(command.output, *text); !written) {
    say("squall: {}\n", to_string(written.error()));
    return ExitCode::kNotWritten;
  }
  return ExitCode::kPass;
}

constexpr const char* kFooter = R"(
Examples:
  squall report squall-runs/DIR
  squall report squall-runs/DIR --as html -o report.html
  squall report squall-runs/DIR --as prometheus
  squall report squall-runs/DIR --as edn -o history.edn)";

}  // namespace

void add_report_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<ReportCommand>();
  CLI::App* report = tree.add_subcommand(
      "report",
      "Show a run again in any format. Works on a run that was killed: then from its journal");
  report->footer(kFooter);
  report->add_option("DIR", command->directory, "A run's directory")->required();
  report->add_option("--as", command->format, "Format (see `squall list formats`)")
      ->check(CLI::IsMember(format_names()))
      ->capture_default_str();
  report->add_option("--output,-o", command->output, "Write to this file instead of stdout")
      ->type_name("FILE");
  report->add_flag("--no-color", command->no_color, "No colours (NO_COLOR does the same)");
  report->callback([command, &cli] { cli.action = [command] { return act(*command); }; });
}

}  // namespace squall::app
