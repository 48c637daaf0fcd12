// JSON and YAML files from outside as one tree with positions. What cannot be read within the
// limits is refused: depth, number of values, and how far YAML's aliases expand are bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadgen/base/result.hpp"

namespace squall::import {

// Where a value stands in the text. Lines and columns from 1; columns count bytes in JSON and
// characters in YAML.
struct Place {
  unsigned line = 0;
  unsigned column = 0;
  std::size_t begin = 0;  // JSON only: the bytes of the value, quotes included
  std::size_t end = 0;
};

struct Member;

// A value. Copyable, owns everything below it; at most DocumentLimits::depth levels, so walking it
// may recurse.
struct Node {
  using List = std::vector<Node>;
  using Object = std::vector<Member>;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Object> data;
  Place where;

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data); }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&data); }
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&data); }
  [[nodiscard]] const List* as_list() const { return std::get_if<List>(&data); }
  [[nodiscard]] const Object* as_object() const { return std::get_if<Object>(&data); }
  // A number of either kind.
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] double number() const;  // 0 when it is none

  // The member of that name of an object; nullptr when there is none, or this is no object.
  [[nodiscard]] const Node* find(std::string_view key) const;
  // The string member of that name; empty when there is none.
  [[nodiscard]] std::string_view text(std::string_view key) const;
};

struct Member {
  std::string key;
  Node value;
};

struct DocumentLimits {
  std::size_t bytes = 0;
  std::size_t depth = 100;
  std::size_t values = 0;  // aliases counted each time they are used
};

// `file` is only used in positions. kMalformed with file:line:col.
[[nodiscard]] Result<Node> read_json(std::string_view text, const std::string& file,
                                     const DocumentLimits& limits);
// The first document of the text; plain scalars as the core schema of YAML 1.2 has them, and merge
// keys ("<<"), which many files use, as YAML 1.1 has them.
[[nodiscard]] Result<Node> read_yaml(std::string_view text, const std::string& file,
                                     const DocumentLimits& limits);

// The value as JSON text: on one line, or indented by two blanks a level.
enum class JsonLayout { kCompact, kIndented };
[[nodiscard]] std::string to_json(const Node& node, JsonLayout layout);

}  // namespace squall::import
