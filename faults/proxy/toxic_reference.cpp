#include "faults/proxy/toxic_reference.hpp"

#include <fmt/core.h>

#include "loadgen/expr/key_markdown.hpp"

namespace squall::faults {
namespace {

std::string traits_text(const ToxicKind& kind) {
  std::string text;
  if (kind.acts_on_http()) {
    return " Needs a proxy in HTTP mode; toxicity is a share of its requests.";
  }
  const ToxicTraits& traits = kind.traits;
  if (!traits.keeps_bytes) {
    text += " Bytes are not the same behind it.";
  }
  if (traits.ends_when_removed) {
    text += " Removing it ends the links that it was at work on.";
  }
  if (traits.waiting_chunks > 1) {
    text += fmt::format(" Up to {} chunks wait in it.", traits.waiting_chunks);
  }
  return text;
}

std::string section(const ToxicKind& kind) {
  std::string out = fmt::format("\n### Toxic {}\n\n{} In production: {}.{}\n", kind.name,
                                kind.attributes->help, kind.production_cause, traits_text(kind));
  if (!kind.attributes->keys.empty()) {
    out += "\n" + expr::key_table(*kind.attributes);
  }
  if (!kind.example.empty()) {
    out += fmt::format("\n```toml\n{}```\n", kind.example);
  }
  return out;
}

}  // namespace

std::string toxic_reference(const ToxicRegistry& registry) {
  std::string out = expr::index_table_of("type", "toxic-", registry.entries());
  for (const ToxicKind& kind : registry.entries()) {
    out += section(kind);
  }
  return out;
}

}  // namespace squall::faults
