#include "loadgen/app/completion.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/verdict.hpp"

namespace squall::app {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : std::string(separator)) + word;
  }
  return text;
}

std::vector<std::string> names_of(const std::vector<CommandWords>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CommandWords& command : commands) {
    names.push_back(command.name);
  }
  return names;
}

// Whether some argument or option of the command may be a file.
bool takes_files(const CommandWords& command) {
  return std::any_of(command.options.begin(), command.options.end(), [](const OptionWords& option) {
    return option.choices.empty() && (option.names.empty() || !option.value.empty());
  });
}

// A command with everything that may follow it, its parts' words included: completion offers them
// all.
CommandWords flattened(const CommandWords& command) {
  CommandWords result{.name = command.name, .help = command.help, .options = command.options};
  const auto add = [&result](const OptionWords& option) {
    const bool known =
        std::any_of(result.options.begin(), result.options.end(),
                    [&option](const OptionWords& one) { return one.names == option.names; });
    if (!known || option.names.empty()) {
      result.options.push_back(option);
    }
  };
  OptionWords names{.names = {}, .label = "COMMAND", .value = "", .help = "", .choices = {}};
  for (const CommandWords& part : command.parts) {
    names.choices.push_back(part.name);
    for (const OptionWords& option : flattened(part).options) {
      add(option);
    }
  }
  if (!names.choices.empty()) {
    result.options.push_back(std::move(names));
  }
  return result;
}

std::vector<CommandWords> flattened(const std::vector<CommandWords>& commands) {
  std::vector<CommandWords> result;
  result.reserve(commands.size());
  for (const CommandWords& command : commands) {
    result.push_back(flattened(command));
  }
  return result;
}

// bash: words by subcommand, choices after the option that has them, files otherwise.
std::string bash_script(const std::vector<CommandWords>& commands) {
  std::string words;
  std::string choices;
  for (const CommandWords& command : commands) {
    std::vector<std::string> options;
    std::vector<std::string> positional;
    for (const OptionWords& option : command.options) {
      options.insert(options.end(), option.names.begin(), option.names.end());
      if (option.names.empty()) {
        positional.insert(positional.end(), option.choices.begin(), option.choices.end());
      } else if (!option.choices.empty()) {
        choices += fmt::format("    {}:{}) words=\"{}\" ;;\n", command.name,
                               joined(option.names, fmt::format("|{}:", command.name)),
                               joined(option.choices, " "));
      }
    }
    words += fmt::format("    {}) words=\"{} {}\"{} ;;\n", command.name, joined(options, " "),
                         joined(positional, " "), takes_files(command) ? " files=yes" : "");
  }
  return fmt::format(R"(# bash completion of squall
_squall() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command="${{COMP_WORDS[1]}}" words="" files=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{} --help --version" -- "$current"))
    return
  fi
  case "$command:$previous" in
{}  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$command" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"; [ -n "$files" ] && compgen -f -- "$current"))
}}
complete -o filenames -F _squall squall
)",
                     joined(names_of(commands), " "), choices, words);
}

// Text inside single quotes of zsh's _arguments, where brackets and colons have a meaning.
std::string zsh_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
    } else {
      escaped += c == '[' || c == ']' || c == ':' ? std::string("\\") + c : std::string(1, c);
    }
  }
  return escaped;
}

std::string zsh_script(const std::vector<CommandWords>& commands) {
  std::string described;
  std::string cases;
  for (const CommandWords& command : commands) {
    described += fmt::format("    '{}:{}'\n", command.name, zsh_text(command.help));
    cases += fmt::format("    {})\n      _arguments \\\n", command.name);
    for (const OptionWords& option : command.options) {
      const std::string action =
          option.choices.empty() ? "_files" : fmt::format("({})", joined(option.choices, " "));
      if (option.names.empty()) {
        cases += fmt::format("        '*:{}:{}' \\\n", zsh_text(option.label), action);
      }
      for (const std::string& name : option.names) {
        cases += option.value.empty()
                     ? fmt::format("        '*{}[{}]' \\\n", name, zsh_text(option.help))
                     : fmt::format("        '*{}[{}]:{}:{}' \\\n", name, zsh_text(option.help),
                                   zsh_text(option.value), action);
      }
    }
    cases += "        && return\n      ;;\n";
  }
  return fmt::format(R"(#compdef squall
_squall() {{
  local -a commands
  commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
{}  esac
}}
if [ "$funcstack[1]" = "_squall" ]; then
  _squall "$@"
else
  compdef _squall squall
fi
)",
                     described, cases);
}

std::string fish_script(const std::vector<CommandWords>& commands) {
  std::string text = "# fish completion of squall\n";
  for (const CommandWords& command : commands) {
    text += fmt::format("complete -c squall -n __fish_use_subcommand -f -a {} -d {}\n",
                        command.name, shell_quote(command.help));
    if (!takes_files(command)) {
      text +=
          fmt::format("complete -c squall -n '__fish_seen_subcommand_from {}' -f\n", command.name);
    }
    for (const OptionWords& option : command.options) {
      std::string line =
          fmt::format("complete -c squall -n '__fish_seen_subcommand_from {}'", command.name);
      for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!option.names.empty() && !option.value.empty()) {
        line += " -r";
      }
      if (!option.choices.empty()) {
        line += " -f -a " + shell_quote(joined(option.choices, " "));
      }
      if (!option.names.empty() || !option.choices.empty()) {
        text += line + " -d " + shell_quote(option.help) + "\n";
      }
    }
  }
  return text;
}

// Troff: a line must not begin with a dot or quote, and a hyphen in an option is \-.
std::string troff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      const bool at_line_start = escaped.empty() || escaped.back() == '\n';
      escaped +=
          at_line_start && (c == '.' || c == '\'') ? std::string("\\&") + c : std::string(1, c);
    }
  }
  return escaped;
}

void append_commands(const std::string& before, const std::vector<CommandWords>& commands,
                     std::string& text) {
  for (const CommandWords& command : commands) {
    const std::string name = before + " " + command.name;
    text += fmt::format(".SS {}\n{}\n", troff(name), troff(command.help));
    for (const OptionWords& option : command.options) {
      std::string names = option.names.empty() ? option.label : joined(option.names, ", ");
      if (!option.names.empty() && !option.value.empty()) {
        names += " " + option.value;
      }
      text += fmt::format(".TP\n.B {}\n{}\n", troff(names), troff(option.help));
    }
    append_commands(name, command.parts, text);
  }
}

}  // namespace

std::string completion_script(std::string_view shell, const std::vector<CommandWords>& commands) {
  const std::vector<CommandWords> all = flattened(commands);
  return shell == "bash" ? bash_script(all) : shell == "zsh" ? zsh_script(all) : fish_script(all);
}

std::string man_page(const std::vector<CommandWords>& commands, std::string_view version) {
  std::string text = fmt::format(
      ".TH SQUALL 1 \"\" \"squall {}\" \"User Commands\"\n"
      ".SH NAME\nsquall \\- chaos\\-testing load generator and fault injector\n"
      ".SH SYNOPSIS\n.B squall\n.I COMMAND\n[\\fIOPTIONS\\fR]\n"
      ".SH DESCRIPTION\n"
      "squall fires traffic at a service, breaks things on purpose while it does, counts the\n"
      "effects that each operation really had, and ends with a verdict.\n.SH COMMANDS\n",
      version);
  append_commands("squall", commands, text);
  text += ".SH EXIT STATUS\n";
  using model::ExitCode;
  for (const ExitCode code :
       {ExitCode::kPass, ExitCode::kCheckFailed, ExitCode::kUsage, ExitCode::kInvalid,
        ExitCode::kUnreachable, ExitCode::kCorrectness, ExitCode::kRegression,
        ExitCode::kInconclusive, ExitCode::kInternal, ExitCode::kNotWritten, ExitCode::kInterrupted,
        ExitCode::kTerminated}) {
    text += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(code), troff(model::meaning(code)));
  }
  return text;
}

}  // namespace squall::app
