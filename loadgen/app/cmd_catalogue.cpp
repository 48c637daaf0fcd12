// squall catalogue [list|show|run]
#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/catalogue_rows.hpp"
#include "loadgen/app/catalogue_run.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/plan_options.hpp"
#include "loadgen/base/text.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

ExitCode list_rows() {
  std::string part;
  for (const CatalogueRow& row : catalogue_rows()) {
    if (row.part != part) {
      part = row.part;
      print("{}{}  {}\n", part == "A" ? "" : "\n", part, title_of_part(part));
    }
    print("   {:<24} {:<9} {}\n", row.id, row.page ? "works" : "not yet", row.incident);
  }
  return ExitCode::kPass;
}

// The row when it has a plan; else says on stderr which one may have been meant.
std::optional<CatalogueRow> find_row(const std::string& id) {
  const std::vector<CatalogueRow> rows = catalogue_rows();
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const CatalogueRow& row) { return row.id == id; });
  if (found != rows.end() && found->page) {
    return *found;
  }
  if (found != rows.end()) {
    say("squall: {} is in the catalogue, but no plan rehearses it yet\n", id);
    return std::nullopt;
  }
  std::vector<std::string_view> ids(rows.size());
  std::transform(rows.begin(), rows.end(), ids.begin(),
                 [](const CatalogueRow& row) { return std::string_view(row.id); });
  const auto nearest = nearest_name(id, ids);
  say("squall: the catalogue has no \"{}\"; {}\n", id,
      nearest ? fmt::format("did you mean {}?", *nearest) : "`squall catalogue` lists what it has");
  return std::nullopt;
}

ExitCode show_row(const CatalogueRow& row) {
  print("{}\nThe plan, and what else it can be told:\n\n{}", plan::catalogue_markdown(*row.page, 1),
        row.plan_text);
  return ExitCode::kPass;
}

struct CatalogueCommand {
  std::string what = "list";
  CatalogueRunOptions run;
};

ExitCode act(const CatalogueCommand& command, const run::StopSignal& stop) {
  if (command.what == "list") {
    return list_rows();
  }
  if (command.run.id.empty()) {
    say("squall: which one? `squall catalogue {} double-charge`, for example; `squall "
        "catalogue` lists them\n",
        command.what);
    return ExitCode::kUsage;
  }
  const std::optional<CatalogueRow> row = find_row(command.run.id);
  if (!row) {
    return ExitCode::kUsage;
  }
  return command.what == "show" ? show_row(*row) : run_catalogue_row(*row, command.run, stop);
}

}  // namespace

void add_catalogue_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<CatalogueCommand>();
  CLI::App* catalogue = tree.add_subcommand(
      "catalogue",
      "Production failures as plans: list, show one, run one with the defect and the remedy");
  catalogue
      ->add_option("WHAT", command->what, "list: all of them; show: one's page; run: rehearse one")
      ->check(CLI::IsMember({"list", "show", "run"}))
      ->capture_default_str();
  catalogue->add_option("ID", command->run.id, "Which one, for show and run: double-charge");
  catalogue->add_flag("--quiet,-q", command->run.quiet,
                      "run: verdict lines and the comparison only");
  catalogue->add_flag("--no-color", command->run.no_color,
                      "run: no colours (NO_COLOR does the same)");
  add_common_plan_options(*catalogue, command->run.plan, "Plan, on both sides");
  catalogue->callback(
      [command, &cli] { cli.action = [command, &cli] { return act(*command, cli.stop); }; });
}

}  // namespace squall::app
