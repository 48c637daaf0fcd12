// Finds {{name}} in text, the same way for values known while a plan is read (Scope) and for those
// of each request (Template).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "loadgen/base/result.hpp"

namespace squall::expr {

// What stands between two pairs of braces. Views into the text that was searched.
struct Braces {
  std::size_t begin = 0;                   // offset of the first brace
  std::size_t end = 0;                     // offset behind the last brace
  std::string_view inside;                 // without the blanks around it
  std::string_view name;                   // before the '|', without blanks
  std::optional<std::string_view> format;  // behind the '|', without blanks
};

// The next {{…}} at or after `from`, nothing when there is none. Of more than two opening braces
// the last two count, so
// {{{seq}}} is a number in braces. An opening pair without its closing pair in the same line is
// kMalformed, with its column (from 1) in `where`.
[[nodiscard]] Result<std::optional<Braces>> find_braces(std::string_view text, std::size_t from);

}  // namespace squall::expr
