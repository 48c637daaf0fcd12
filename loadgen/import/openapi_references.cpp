#include "loadgen/import/openapi_references.hpp"

#include <charconv>

#include "loadgen/base/text.hpp"

namespace squall::import {
namespace {

constexpr unsigned kMaxHops = 32;

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// A token of a pointer inside a URI fragment: %XX first, then ~1 and ~0 (RFC 6901 §6).
std::string unescaped(std::string_view token) {
  std::string plain;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool percent = token[i] == '%' && i + 2 < token.size() && hex_digit(token[i + 1]) >= 0 &&
                         hex_digit(token[i + 2]) >= 0;
    if (percent) {
      plain += static_cast<char>(hex_digit(token[i + 1]) * 16 + hex_digit(token[i + 2]));
      i += 2;
    } else {
      plain += token[i];
    }
  }
  std::string name;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool escape =
        plain[i] == '~' && i + 1 < plain.size() && (plain[i + 1] == '0' || plain[i + 1] == '1');
    name += !escape ? plain[i] : plain[i + 1] == '1' ? '/' : '~';
    i += escape ? 1 : 0;
  }
  return name;
}

const Node* child(const Node& node, const std::string& name) {
  const Node::List* items = node.as_list();
  if (items == nullptr) {
    return node.find(name);
  }
  std::size_t index = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool whole = code == std::errc() && end == name.data() + name.size();
  return whole && index < items->size() ? &(*items)[index] : nullptr;
}

}  // namespace

const Node* References::find(const std::string& reference) {
  const auto known = known_.find(reference);
  if (known != known_.end()) {
    return known->second;
  }
  const Node* node = reference == "#" || reference.starts_with("#/") ? &document_ : nullptr;
  if (node != nullptr && reference.size() > 1) {
    for (const std::string_view token : split(std::string_view(reference).substr(2), '/')) {
      node = node != nullptr ? child(*node, unescaped(token)) : nullptr;
    }
  }
  if (node == nullptr) {
    unresolved_.push_back(reference);
  }
  known_.emplace(reference, node);
  return node;
}

const Node* References::resolve(const Node& node) {
  const Node* at = &node;
  for (unsigned hops = 0; hops < kMaxHops; ++hops) {
    const Node* reference = at->find("$ref");
    const std::string* text = reference != nullptr ? reference->as_string() : nullptr;
    if (text == nullptr) {
      return at;
    }
    at = find(*text);
    if (at == nullptr) {
      return nullptr;
    }
  }
  return nullptr;
}

}  // namespace squall::import
