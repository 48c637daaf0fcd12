// The command tree as plain data, for completion and the man page.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace squall::app {

struct OptionWords {
  std::vector<std::string> names;  // "--seed", "-q"; empty for a positional
  std::string label;               // "PLAN" for a positional
  std::string value;               // type of its value; empty for a flag
  std::string help;
  std::vector<std::string> choices;  // when only these are allowed
};

struct CommandWords {
  std::string name;
  std::string help;
  std::vector<OptionWords> options;
  std::vector<CommandWords> parts = {};  // commands below it, with their own names alone
};

// The subcommands of the tree that people use (hidden ones are left out), in its order. CLI11 has
// no generator for any of this, so the tree is walked.
[[nodiscard]] std::vector<CommandWords> command_words(const CLI::App& tree);

}  // namespace squall::app
