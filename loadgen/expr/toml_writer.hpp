// Pieces of TOML text, for whoever lays a document out itself; to_toml (value.hpp) writes whole
// ones.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/expr/value.hpp"

namespace squall::expr {

// A value on one line, as it stands behind "key = "; tables as { … }. Parses back to the same.
[[nodiscard]] std::string inline_toml(const Value& value);

// A key as it stands before " = ": quoted where it has to be.
[[nodiscard]] std::string toml_key(std::string_view key);

// Whether ''' … ''' gives back exactly this text, which has a line break, and reads better than
// escapes.
[[nodiscard]] bool suits_toml_block(std::string_view text);

}  // namespace squall::expr
