// The command tree. Each cmd_*.cpp adds one command to it; help, man page and shell completion are
// read off the tree.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/model/verdict.hpp"
#include "loadgen/run/stop_signal.hpp"

namespace CLI {
class App;
}

namespace squall::app {

// What commands share. The command that was chosen puts what is to be done into `action`.
struct Cli {
  run::StopSignal& stop;
  std::function<model::ExitCode()> action;
  std::string typed = {};  // the command line, quoted for a shell
};

// Borrows `cli`, which must outlive the tree.
[[nodiscard]] std::unique_ptr<CLI::App> make_command_tree(Cli& cli);

void add_run_command(CLI::App& tree, Cli& cli);
void add_hit_command(CLI::App& tree, Cli& cli);
void add_find_command(CLI::App& tree, Cli& cli);
void add_skew_command(CLI::App& tree, Cli& cli);
void add_selftest_command(CLI::App& tree, Cli& cli);
void add_idempotency_command(CLI::App& tree, Cli& cli);
void add_validate_command(CLI::App& tree, Cli& cli);
void add_report_command(CLI::App& tree, Cli& cli);
void add_merge_command(CLI::App& tree, Cli& cli);
void add_replay_command(CLI::App& tree, Cli& cli);
void add_demo_command(CLI::App& tree, Cli& cli);
void add_proxy_command(CLI::App& tree, Cli& cli);
void add_catalogue_command(CLI::App& tree, Cli& cli);
void add_init_command(CLI::App& tree, Cli& cli);
void add_list_command(CLI::App& tree, Cli& cli);
void add_reference_command(CLI::App& tree, Cli& cli);
void add_schema_command(CLI::App& tree, Cli& cli);
void add_completion_command(CLI::App& tree, Cli& cli);
void add_man_command(CLI::App& tree, Cli& cli);

}  // namespace squall::app
