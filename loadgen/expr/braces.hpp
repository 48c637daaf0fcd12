// Finds {{name}} in text, the same way for values known while a plan is read (Scope) and for those
// of each request (Template).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::expr {

// Expressions stand inside the quoted arguments of others, but not deeper than this.
inline constexpr unsigned kMaxBracesDepth = 8;

// What stands between two pairs of braces. Views into the text that was searched.
struct Braces {
  std::size_t begin = 0;                   // offset of the first brace
  std::size_t end = 0;                     // offset behind the last brace
  std::string_view inside;                 // without the blanks around it
  std::string_view name;                   // before the '|', without blanks; arguments included
  std::optional<std::string_view> format;  // behind the first '|', without blanks
};

// The next {{…}} at or after `from`, nothing when there is none. Of more than two opening braces
// the last two count, so {{{seq}}} is a number in braces. Braces, bars and line ends inside quotes
// ("…", where \ escapes, or '…') belong to the quoted text, which may itself hold {{…}}. An opening
// pair without its closing pair in the same line is kMalformed, with its column (from 1) in
// `where`.
[[nodiscard]] Result<std::optional<Braces>> find_braces(std::string_view text, std::size_t from);

// Offset behind the closing quote of the quoted text that begins at `at`; npos when it is not
// closed. REQUIRES: a quote stands at `at`.
[[nodiscard]] std::size_t end_of_quoted(std::string_view text, std::size_t at);

}  // namespace squall::expr
