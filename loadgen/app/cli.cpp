#include "loadgen/app/cli.hpp"

#include <CLI/CLI.hpp>

#include "loadgen/app/comparison_commands.hpp"
#include "loadgen/app/help_text.hpp"
#include "loadgen/app/version.hpp"

namespace squall::app {
namespace {

constexpr const char* kDescription =
    "squall fires traffic at a service, breaks things on purpose while it does, counts the "
    "effects\n"
    "that each operation really had, and says with evidence whether the service kept its "
    "promises.\n";

constexpr const char* kFooter = R"(
Start here:
  squall demo                              a racy shop charges twice, the fixed one does not
  squall init my-plan.toml                 a plan to start from; of curl, HAR, OpenAPI, a log
  squall hit -r 500/s http://127.0.0.1/    ad-hoc load, without a plan
  squall run plans/checkout.toml           run a plan; the exit code is the verdict
  squall idempotency plans/charge.toml     what repeated requests do: a verdict for each property
  squall catalogue                         production failures, each as a plan to rehearse
  squall validate my-plan.toml             what a plan would do, before it does it
  squall report squall-runs/DIR            show a run again, in any format
  squall proxy serve                       a fault proxy for clients of Toxiproxy

Exit codes: 0 pass, 1 a check failed, 2 usage or plan error, 3 invalid measurement, 4 target never
reachable, 5 correctness violated, 6 regression, 7 inconclusive (--strict), 8 internal error,
9 results not written, 130/143 stopped by a signal.)";

}  // namespace

std::unique_ptr<CLI::App> make_command_tree(Cli& cli) {
  auto tree = std::make_unique<CLI::App>(kDescription, "squall");
  tree->formatter(help_formatter());
  tree->set_version_flag("--version", "squall " + std::string(kVersion));
  tree->require_subcommand(1);
  tree->get_formatter()->column_width(34);
  add_run_command(*tree, cli);
  add_hit_command(*tree, cli);
  add_find_command(*tree, cli);
  add_skew_command(*tree, cli);
  add_selftest_command(*tree, cli);
  add_idempotency_command(*tree, cli);
  add_validate_command(*tree, cli);
  add_report_command(*tree, cli);
  add_compare_command(*tree, cli);
  add_ab_command(*tree, cli);
  add_merge_command(*tree, cli);
  add_replay_command(*tree, cli);
  add_demo_command(*tree, cli);
  add_proxy_command(*tree, cli);
  add_catalogue_command(*tree, cli);
  add_init_command(*tree, cli);
  add_list_command(*tree, cli);
  add_schema_command(*tree, cli);
  add_completion_command(*tree, cli);
  add_reference_command(*tree, cli);
  add_man_command(*tree, cli);
  tree->footer(kFooter);  // commands made after it would inherit it
  return tree;
}

}  // namespace squall::app
