#include "loadgen/model/fault_reference.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "loadgen/expr/key_markdown.hpp"

namespace squall::model {
namespace {

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
  out += "\n\n" + expr::key_table(*kind.keys);
  for (const expr::KeySpec& key : kind.keys->keys) {
    if (key.table != nullptr) {
      out += fmt::format("\nKeys of `{}`:\n\n{}", key.name, expr::key_table(*key.table));
    }
  }
  out += fmt::format("\n```toml\n{}```\n", kind.example);
  return out;
}

}  // namespace

std::string fault_reference(const ClientFaultRegistry& registry) {
  std::string out = expr::index_table_of("kind", "", registry.entries());
  for (const ClientFaultKind& kind : registry.entries()) {
    out += section(kind);
  }
  return out;
}

}  // namespace squall::model
