// squall __man: the man page, for packaging.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/command_words.hpp"
#include "loadgen/app/completion.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/version.hpp"

namespace squall::app {

void add_man_command(CLI::App& tree, Cli& cli) {
  CLI::App* man = tree.add_subcommand("__man", "Print the man page")->group("");
  man->callback([&tree, &cli] {
    cli.action = [&tree] {
      put(man_page(command_words(tree), kVersion));
      return model::ExitCode::kPass;
    };
  });
}

}  // namespace squall::app
