#include "loadgen/app/toxiproxy_names.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "faults/control/api.hpp"

namespace squall::app {
namespace {

using Words = std::vector<std::string>;

// "-name=value" as "--name=value", "-n=value" as "-n" and "value"; what is no flag stays.
void append_go_word(const std::string& word, Words& out) {
  const bool flag = word.size() > 1 && word.front() == '-' && word != "--";
  if (!flag || word.starts_with("--")) {
    out.push_back(word);
    return;
  }
  const std::size_t equals = word.find('=');
  if (equals == 2) {
    out.push_back(word.substr(0, 2));
    out.push_back(word.substr(3));
  } else if (word.size() > 2) {
    out.push_back("-" + word);
  } else {
    out.push_back(word);
  }
}

Words go_words(const Words& words) {
  Words result;
  for (const std::string& word : words) {
    append_go_word(word, result);
  }
  return result;
}

bool has(const Words& words, const auto&... names) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return ((word == names) || ...); });
}

ToxiproxyCall server_call(const Words& given) {
  ToxiproxyCall call{{"proxy", "serve"}};
  for (const std::string& word : go_words(given)) {
    if (word == "--version" || word == "--version=true") {
      call.say = fmt::format("toxiproxy-server version {}\n", faults::kToxiproxyVersion);
    }
    call.words.push_back(word == "-h" ? "--help" : word);
  }
  return call;
}

// The words of the global flags come before the command there and belong to it here.
ToxiproxyCall cli_call(const Words& given) {
  Words commands;
  Words rest;
  bool takes_host = false;
  for (std::string word : go_words(given)) {
    if (takes_host) {
      takes_host = false;
      rest.push_back(std::move(word));
    } else if (word == "-h" || word == "--host" || word == "--h") {
      takes_host = true;
      rest.emplace_back("--host");
    } else if (word.starts_with("--h=")) {
      rest.push_back("--host=" + word.substr(4));
    } else if (commands.size() < 2 && !word.starts_with('-') &&
               (commands.empty() || has(commands, "toxic", "t"))) {
      commands.push_back(std::move(word));
    } else {
      rest.push_back(std::move(word));
    }
  }
  if (commands.empty() && has(rest, "--version", "-v")) {
    return {{}, fmt::format("toxiproxy-cli version {}\n", faults::kToxiproxyVersion)};
  }
  const bool updates = commands.size() == 2 && (commands[1] == "update" || commands[1] == "u");
  const bool has_toxicity = std::any_of(rest.begin(), rest.end(), [](const std::string& word) {
    return word.starts_with("--tox") && !word.starts_with("--toxicName");
  });
  if (updates && !has_toxicity) {
    rest.emplace_back("--toxicity=1");
  }
  if (commands.empty() || commands.front() == "help" || commands.front() == "h") {
    commands = {};
    rest.emplace_back("--help");
  }
  ToxiproxyCall call{{"proxy"}};
  call.words.insert(call.words.end(), commands.begin(), commands.end());
  call.words.insert(call.words.end(), rest.begin(), rest.end());
  return call;
}

}  // namespace

std::optional<ToxiproxyCall> toxiproxy_call(std::string_view program,
                                            const std::vector<std::string>& words) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  if (name == "toxiproxy-server") {
    return server_call(words);
  }
  return name == "toxiproxy-cli" ? std::optional(cli_call(words)) : std::nullopt;
}

}  // namespace squall::app
