#include "loadgen/app/command_words.hpp"

#include <CLI/CLI.hpp>

#include "loadgen/base/text.hpp"

namespace squall::app {
namespace {

// CLI11 shows the allowed words of IsMember as "{a,b,c}" in the type name.
std::vector<std::string> choices_of(const std::string& type) {
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  std::vector<std::string> choices;
  if (open != std::string::npos && close != std::string::npos) {
    for (const std::string_view word :
         split(std::string_view(type).substr(open + 1, close - open - 1), ',')) {
      choices.emplace_back(word);
    }
  }
  return choices;
}

OptionWords words_of(const CLI::Option& option) {
  OptionWords words;
  for (const std::string& name : option.get_lnames()) {
    words.names.push_back("--" + name);
  }
  for (const std::string& name : option.get_snames()) {
    words.names.push_back("-" + name);
  }
  if (words.names.empty()) {
    words.label = option.get_name();
  }
  const bool takes_value = option.get_type_size_max() > 0;
  const std::string type = option.get_type_name();
  words.choices = choices_of(type);
  if (takes_value) {
    words.value = type.substr(0, type.find(':'));
  }
  words.help = option.get_description();
  return words;
}

}  // namespace

std::vector<CommandWords> command_words(const CLI::App& tree) {
  std::vector<CommandWords> commands;
  for (const CLI::App* command : tree.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group().empty()) {
      continue;
    }
    CommandWords words{.name = command->get_name(),
                       .help = command->get_description(),
                       .options = {},
                       .parts = command_words(*command)};
    for (const CLI::Option* option : command->get_options()) {
      words.options.push_back(words_of(*option));
    }
    commands.push_back(std::move(words));
  }
  return commands;
}

}  // namespace squall::app
