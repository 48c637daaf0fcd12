// What expectations and extractions both look at in an answer, as it is written.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/pattern.hpp"
#include "loadgen/expr/scanner.hpp"

namespace squall::expr {

// A JSON pointer (RFC 6901), in quotes or not.
[[nodiscard]] Result<std::string> take_pointer(Scanner& scanner);
// A regular expression in quotes.
[[nodiscard]] Result<Pattern> take_pattern(Scanner& scanner);
// A text in quotes that is not empty. `what`: "the name of a header".
[[nodiscard]] Result<std::string> take_text(Scanner& scanner, std::string_view what);

}  // namespace squall::expr
