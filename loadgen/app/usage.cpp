#include "loadgen/app/usage.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "loadgen/base/text.hpp"

namespace squall::app {
namespace {

constexpr std::size_t kShown = 1000;

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
    for (const std::string& name : option->get_snames()) {
      names.push_back("-" + name);
    }
  }
  return names;
}

std::vector<std::string> visible_commands(const CLI::App& tree) {
  std::vector<std::string> names;
  for (const CLI::App* command : tree.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) {
      names.push_back(command->get_name());
    }
  }
  return names;
}

// "; did you mean X?", or nothing.
std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const auto found = nearest_name(word, candidates);
  return found ? fmt::format("; did you mean {}?", *found) : std::string();
}

std::string unknown_command(const CLI::App& tree, const std::string& word) {
  const std::vector<std::string> known = visible_commands(tree);
  std::string guess = nearest(word, known);
  if (guess.empty()) {
    guess = "; there is " + join_or({known.begin(), known.end()});
  }
  return fmt::format("there is no command \"{}\"{}", printable(word), guess);
}

// What CLI11 says in its own words, or better when words were left over: it complains of what is
// missing first.
std::string problem(const CLI::App& command, const CLI::ParseError& error) {
  const std::vector<std::string> left = command.remaining();
  const auto option = std::find_if(left.begin(), left.end(), [](const std::string& word) {
    return word.size() > 1 && word.starts_with('-') && word != "--";
  });
  if (option != left.end()) {
    const std::string name = option->substr(0, option->find('='));
    return fmt::format("there is no option {}{}", printable(name),
                       nearest(name, option_names(command)));
  }
  if (!left.empty()) {
    return !visible_commands(command).empty()
               ? unknown_command(command, left.front())
               : fmt::format("\"{}\" is one word too many", printable(left.front()));
  }
  return printable(error.what(), kShown);
}

}  // namespace

std::vector<std::string> command_line(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  return words;
}

std::string usage_problem(const CLI::App& tree, const CLI::ParseError& error) {
  // Down to the command that was named last: "squall proxy toxic add".
  const CLI::App* last = &tree;
  std::string name = "squall";
  for (auto below = last->get_subcommands(); !below.empty(); below = last->get_subcommands()) {
    last = below.front();
    name += " " + last->get_name();
  }
  const CLI::App& command = *last;
  return fmt::format("{0}: {1}\n`{0} --help` says more\n", name, problem(command, error));
}

}  // namespace squall::app
