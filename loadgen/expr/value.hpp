// A parsed TOML document as plain values with positions: what the rest of squall sees of a plan
// file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/base/error.hpp"
#include "loadgen/base/result.hpp"

namespace squall::expr {

struct Value;

struct Entry;

using Array = std::vector<Value>;
// In the order of the file, which TOML libraries forget and people care about.
using Table = std::vector<Entry>;

// Copyable, owns everything below it.
struct Value {
  std::variant<bool, std::int64_t, double, std::string, Array, Table> data;
  SourceRef where;  // of the value; of the header for a [table]

  [[nodiscard]] const Table* as_table() const { return std::get_if<Table>(&data); }
  [[nodiscard]] const Array* as_array() const { return std::get_if<Array>(&data); }
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&data); }

  // The member of that name of a table; nullptr when this is not a table or has none. Valid while
  // this value is unchanged.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
};

struct Entry {
  std::string key;
  SourceRef key_where;
  Value value;
};

// "a string", "an integer", "a table"…: for messages.
[[nodiscard]] std::string_view type_name(const Value& value);

// Parses TOML 1.0. On a syntax error: kMalformed with its position (the TOML library stops at the
// first). Dates and times are errors: no key of a plan takes one. `file` is only used in positions.
// Values stand at most 64 levels deep in each other, and a dotted key has at most 64 parts, so that
// walking a value may recurse.
[[nodiscard]] Result<Value> parse_toml(std::string_view text, std::string file);

// A boolean, integer or number as TOML writes it, a string as it is (without quotes). REQUIRES: not
// a list, not a table.
[[nodiscard]] std::string scalar_text(const Value& value);

// Writes TOML that parses back to the same values (comments and layout are not kept; tables with a
// header of their own come after the other keys of their table).
[[nodiscard]] std::string to_toml(const Value& document);

}  // namespace squall::expr
