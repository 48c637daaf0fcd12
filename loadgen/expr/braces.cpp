#include "loadgen/expr/braces.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::expr {
namespace {

constexpr std::size_t kOpen = std::string_view::npos;

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

// Offset of the last two of the opening braces that stand at `at`.
std::size_t last_pair(std::string_view text, std::size_t at) {
  while (at + 2 < text.size() && text[at + 2] == '{') {
    ++at;
  }
  return at;
}

std::size_t end_of_quoted(std::string_view text, std::size_t at, unsigned depth);

// Offset behind the closing braces of the pair that opens at `begin`; kOpen without them.
std::size_t end_of_braces(std::string_view text, std::size_t begin, unsigned depth) {
  std::size_t at = begin + 2;
  while (at < text.size() && depth <= kMaxBracesDepth) {
    const char c = text[at];
    if (c == '}') {
      return text.substr(at).starts_with("}}") ? at + 2 : kOpen;
    }
    if (c == '{' || c == '\n') {
      return kOpen;
    }
    at = is_quote(c) ? end_of_quoted(text, at, depth) : at + 1;
  }
  return kOpen;
}

std::size_t end_of_quoted(std::string_view text, std::size_t at, unsigned depth) {
  const char quote = text[at];
  ++at;
  while (at < text.size()) {
    const char c = text[at];
    if (c == quote) {
      return at + 1;
    }
    if (c == '\\' && quote == '"') {
      at += 2;
    } else if (text.substr(at).starts_with("{{")) {
      at = end_of_braces(text, last_pair(text, at), depth + 1);
    } else {
      ++at;
    }
  }
  return kOpen;
}

// Offset of the first bar outside quotes; npos without one.
std::size_t first_bar(std::string_view inside) {
  std::size_t at = 0;
  while (at < inside.size() && inside[at] != '|') {
    at = is_quote(inside[at]) ? end_of_quoted(inside, at, 1) : at + 1;
  }
  return at < inside.size() ? at : kOpen;
}

}  // namespace

Result<std::optional<Braces>> find_braces(std::string_view text, std::size_t from) {
  const std::size_t open = text.find("{{", from);
  if (open == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t begin = last_pair(text, open);
  const std::size_t end = end_of_braces(text, begin, 1);
  if (end == kOpen) {
    return fail({ErrorCode::kMalformed,
                 fmt::format("\"{}\" has no closing \"}}}}\"", printable(text.substr(begin), 30)),
                 SourceRef{{}, 0, static_cast<unsigned>(begin + 1)}});
  }
  Braces found;
  found.begin = begin;
  found.end = end;
  found.inside = trim(text.substr(begin + 2, end - begin - 4));
  if (found.inside.empty()) {
    found.inside = text.substr(begin + 2, 0);  // still a place in the text
  }
  const std::size_t bar = first_bar(found.inside);
  found.name = trim(found.inside.substr(0, bar));
  if (bar != kOpen) {
    found.format = trim(found.inside.substr(bar + 1));
  }
  return found;
}

std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  return end_of_quoted(text, at, 1);
}

}  // namespace squall::expr
