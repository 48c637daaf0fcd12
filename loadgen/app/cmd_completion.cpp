// squall completion bash|zsh|fish
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/command_words.hpp"
#include "loadgen/app/completion.hpp"
#include "loadgen/app/output.hpp"

namespace squall::app {

void add_completion_command(CLI::App& tree, Cli& cli) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = tree.add_subcommand(
      "completion", "Print a completion script: eval \"$(squall completion bash)\"");
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([shell, &tree, &cli] {
    cli.action = [shell, &tree] {
      put(completion_script(*shell, command_words(tree)));
      return model::ExitCode::kPass;
    };
  });
}

}  // namespace squall::app
