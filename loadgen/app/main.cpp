#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "faults/process/guardian.hpp"
#include "loadgen/app/cli.hpp"
#include "loadgen/app/output.hpp"
#include "loadgen/app/signals.hpp"
#include "loadgen/app/toxiproxy_names.hpp"
#include "loadgen/app/usage.hpp"
#include "loadgen/base/text.hpp"

namespace {

using squall::model::ExitCode;

std::string as_typed(int argc, char** argv) {
  std::string typed = "squall";
  for (int i = 1; i < argc; ++i) {
    typed += " " + squall::shell_quote(argv[i]);
  }
  return typed;
}

// CLI11's own exit codes become 2, except help and version.
int parse_and_act(std::vector<std::string> words, squall::app::Cli& cli) {
  const auto tree = squall::app::make_command_tree(cli);
  if (words.empty()) {
    squall::app::say("{}", tree->help());
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    tree->parse(std::move(words));
  } catch (const CLI::Success& help_or_version) {
    return tree->exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    squall::app::say("{}", squall::app::usage_problem(*tree, error));
    return static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(squall::app::settle_output(cli.action()));
}

// Toxiproxy's programs end with 1 whatever is wrong.
int act_as_toxiproxy(const squall::app::ToxiproxyCall& call, squall::app::Cli& cli) {
  if (!call.say.empty()) {
    squall::app::put(call.say);
    return static_cast<int>(squall::app::settle_output(ExitCode::kPass));
  }
  const int code = parse_and_act(call.words, cli);
  return code == static_cast<int>(ExitCode::kUsage) ? static_cast<int>(ExitCode::kCheckFailed)
                                                    : code;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = squall::faults::run_as_guardian(argc, argv)) {
    return *code;
  }
  static squall::run::StopSignal stop;
  squall::app::Cli cli{stop, {}, as_typed(argc, argv)};
  try {
    squall::app::handle_signals(stop);
    std::vector<std::string> words = squall::app::command_line(argc, argv);
    if (const auto call = squall::app::toxiproxy_call(argc > 0 ? argv[0] : "", words)) {
      return act_as_toxiproxy(*call, cli);
    }
    return parse_and_act(std::move(words), cli);
  } catch (const std::exception& error) {
    // Nothing inside squall throws on purpose past its own file: this is a defect of squall,
    // reported as such.
    squall::app::say("squall: internal error: {}\n", error.what());
    return static_cast<int>(ExitCode::kInternal);
  }
}
