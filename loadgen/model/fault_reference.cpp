#include "loadgen/model/fault_reference.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace squall::model {
namespace {

// A bar would end the table cell.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += c == '|' ? "\\|" : std::string(1, c);
  }
  return result;
}

std::string type_text(const expr::KeySpec& key) {
  if (key.choices.empty()) {
    return std::string(expr::to_string(key.type));
  }
  std::string words;
  for (const std::string& choice : key.choices) {
    words += (words.empty() ? "`" : ", `") + choice + "`";
  }
  return words;
}

std::string default_text(const expr::KeySpec& key) {
  if (key.required) {
    return "required";
  }
  return key.default_value.empty() ? "" : "`" + key.default_value + "`";
}

std::string traits_text(const ClientFaultTraits& traits) {
  std::vector<std::string> parts;
  if (traits.cuts) {
    parts.emplace_back("It cuts: one cut for each attempt.");
  }
  if (traits.sends_copies) {
    parts.emplace_back("It sends copies: one such fault for each attempt.");
  }
  if (traits.moves_clock) {
    parts.emplace_back("It needs a step that uses `{{now}}`.");
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string section(const ClientFaultKind& kind) {
  std::string out = fmt::format("\n### {}\n\nIn production: {}.", kind.name, kind.production_cause);
  if (const std::string traits = traits_text(kind.traits); !traits.empty()) {
    out += " " + traits;
  }
  out += "\n\n| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const expr::KeySpec& key : kind.keys->keys) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", key.name, type_text(key), default_text(key),
                       cell(key.help));
  }
  out += fmt::format("\n```toml\n{}```\n", kind.example);
  return out;
}

}  // namespace

std::string fault_reference(const ClientFaultRegistry& registry) {
  std::string out = "| kind | what it does | in production |\n|---|---|---|\n";
  for (const ClientFaultKind& kind : registry.entries()) {
    out += fmt::format("| [{0}](#{0}) | {1} | {2} |\n", kind.name, cell(kind.summary),
                       cell(kind.production_cause));
  }
  for (const ClientFaultKind& kind : registry.entries()) {
    out += section(kind);
  }
  return out;
}

}  // namespace squall::model
