#include "loadgen/expr/template_expression.hpp"

#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/braces.hpp"

namespace squall::expr {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kWordEnd = " \t\r|\"'";

// The next word or quoted text, taken off the front; empty at a bar or at the end.
std::string_view take_token(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  if (rest.empty() || rest.front() == '|') {
    return {};
  }
  const bool quoted = rest.front() == '"' || rest.front() == '\'';
  const std::size_t end = quoted ? end_of_quoted(rest, 0) : rest.find_first_of(kWordEnd);
  const std::string_view token = rest.substr(0, end);
  rest.remove_prefix(token.size());
  return token;
}

WrittenCall take_call(std::string_view& rest) {
  WrittenCall call;
  call.name = take_token(rest);
  if (call.name.empty()) {
    call.name = rest.substr(0, 0);  // where it should stand
    return call;
  }
  for (std::string_view word = take_token(rest); !word.empty(); word = take_token(rest)) {
    call.arguments.push_back({word});
  }
  return call;
}

std::optional<char> escaped(char c) {
  switch (c) {
    case '"':
    case '\'':
    case '\\':
    case '{':
    case '}':
      return c;
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

void append_literal(std::vector<QuotedPart>& parts, char c) {
  if (parts.empty() || !parts.back().braces.empty()) {
    parts.emplace_back();
  }
  parts.back().literal += c;
}

}  // namespace

WrittenExpression split_expression(std::string_view inside) {
  WrittenExpression expression;
  expression.source = take_call(inside);
  while (!inside.empty()) {
    inside.remove_prefix(1);  // the bar
    expression.filters.push_back(take_call(inside));
  }
  return expression;
}

Result<std::vector<QuotedPart>> split_quoted(std::string_view written) {
  const bool escapes = written.front() == '"';
  const std::string_view text = written.substr(0, written.size() - 1);
  std::vector<QuotedPart> parts;
  std::size_t at = 1;
  while (at < text.size()) {
    if (escapes && text[at] == '\\' && at + 1 < text.size()) {
      const auto c = escaped(text[at + 1]);
      if (!c) {
        return fail({ErrorCode::kMalformed,
                     fmt::format("\"{}\" is no escape; in quotes there are \\\" \\\\ \\n \\r \\t "
                                 "\\{{ and \\}}",
                                 printable(text.substr(at, 2), 8)),
                     SourceRef{{}, 0, static_cast<unsigned>(at + 1)}});
      }
      append_literal(parts, *c);
      at += 2;
      continue;
    }
    if (!text.substr(at).starts_with("{{")) {
      append_literal(parts, text[at++]);
      continue;
    }
    const auto braces = find_braces(text, at);
    if (!braces) {
      return fail(braces.error());
    }
    for (; at < (*braces)->begin; ++at) {
      append_literal(parts, text[at]);
    }
    at = (*braces)->end;
    parts.push_back({{}, text.substr((*braces)->begin, at - (*braces)->begin)});
  }
  return parts;
}

}  // namespace squall::expr
