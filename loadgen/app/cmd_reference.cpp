// squall __reference: writes the generated parts of the documentation, or says whether they are up
// to date.
#include <memory>

#include <CLI/CLI.hpp>

#include "loadgen/app/cli.hpp"
#include "loadgen/app/generated_text.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/run_directory.hpp"

namespace squall::app {
namespace {

using model::ExitCode;

struct ReferenceCommand {
  std::string root = ".";
  bool check = false;
};

ExitCode act(const ReferenceCommand& command) {
  ExitCode code = ExitCode::kPass;
  for (const GeneratedFile& file : generated_files()) {
    const std::string path = command.root + "/" + file.path;
    auto before = read_file(path);
    auto after = before ? file.regenerate(*before) : fail(before.error());
    if (!after) {
      say("squall: {}: {}\n", path, to_string(after.error()));
      return ExitCode::kUsage;
    }
    if (*after == *before) {
      continue;
    }
    if (command.check) {
      say("{} is out of date: run `squall __reference`\n", path);
      code = ExitCode::kCheckFailed;
    } else if (auto written = write_file(path, *after); !written) {
      say("squall: {}\n", to_string(written.error()));
      return ExitCode::kNotWritten;
    }
  }
  return code;
}

}  // namespace

void add_reference_command(CLI::App& tree, Cli& cli) {
  auto command = std::make_shared<ReferenceCommand>();
  CLI::App* reference =
      tree.add_subcommand("__reference", "Rewrite the generated parts of the documentation")
          ->group("");
  reference->add_option("ROOT", command->root, "The source tree")->capture_default_str();
  reference->add_flag("--check", command->check, "Change nothing; fail when something is stale");
  reference->callback([command, &cli] { cli.action = [command] { return act(*command); }; });
}

}  // namespace squall::app
