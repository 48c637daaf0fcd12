// What stands between two pairs of braces, taken apart but not yet understood:
//   name arguments… | filter arguments… | …
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::expr {

// One word or quoted text as written, quotes included. A view into the template's text.
struct WrittenArgument {
  std::string_view written;
  [[nodiscard]] bool is_quoted() const {
    return !written.empty() && (written.front() == '"' || written.front() == '\'');
  }
};

// A name with its arguments. A quoted text may stand where an expression's first name does; then
// `name` holds it, quotes included.
struct WrittenCall {
  std::string_view name;
  std::vector<WrittenArgument> arguments;
};

struct WrittenExpression {
  WrittenCall source;
  std::vector<WrittenCall> filters;
};

// Takes Braces::inside apart. Names may be empty; whoever looks them up says so. Cannot fail:
// quotes are closed, or there would be no braces.
[[nodiscard]] WrittenExpression split_expression(std::string_view inside);

// A stretch of a quoted text: literal text with its escapes undone, or an expression with its
// braces, a view into the quoted text.
struct QuotedPart {
  std::string literal;
  std::string_view braces{};
};

// The parts of a quoted text. In "…" the escapes are \" \' \\ \n \r \t \{ \}; in '…' there are
// none. Fails with kMalformed on another escape, with its column inside `written` (from 1) in
// `where`.
[[nodiscard]] Result<std::vector<QuotedPart>> split_quoted(std::string_view written);

}  // namespace squall::expr
