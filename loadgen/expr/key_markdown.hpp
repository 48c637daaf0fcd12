// Key tables as Markdown, for the references that are generated into the documentation.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/expr/key_spec.hpp"

namespace squall::expr {

// Text for one cell of a Markdown table: bars and line breaks would end it.
[[nodiscard]] std::string markdown_cell(std::string_view text);

// One row for each key (name, value, default, example, meaning) under a header, ending with a
// newline; empty for a table without keys. Pure.
[[nodiscard]] std::string key_table(const TableSpec& table);

}  // namespace squall::expr
