#include "loadgen/plan/overrides.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::plan {
namespace {

using expr::Array;
using expr::Entry;
using expr::Table;
using expr::Value;

// A path with the position that is walked.
struct Walk {
  std::vector<std::string_view> parts;
  std::size_t at = 0;
  SourceRef where;  // of the path's first byte

  [[nodiscard]] std::string_view part() const { return parts[at]; }
  [[nodiscard]] bool last() const { return at + 1 == parts.size(); }
  [[nodiscard]] SourceRef part_where() const {
    SourceRef here = where;
    for (std::size_t i = 0; i < at; ++i) {
      here.column += static_cast<unsigned>(parts[i].size()) + 1;
    }
    return here;
  }
  // The path up to and without the current part, then `last_part`.
  [[nodiscard]] std::string path_to(std::string_view last_part) const {
    std::string text;
    for (std::size_t i = 0; i < at; ++i) {
      text += std::string(parts[i]) + ".";
    }
    return text + std::string(last_part);
  }
};

std::optional<std::size_t> position_in(std::string_view text) {
  std::size_t position = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (code != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return position;
}

const std::string* name_of(const Value& entry) {
  const Value* name = entry.find("name");
  return name != nullptr ? name->as_string() : nullptr;
}

void report_unknown_entry(const Walk& walk, const Array& entries, Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const Value& entry : entries) {
    if (const std::string* name = name_of(entry)) {
      names.emplace_back(*name);
    }
  }
  std::string message = fmt::format("nothing at \"{}\"", printable(walk.path_to(walk.part())));
  if (const auto nearest = nearest_name(walk.part(), names)) {
    message += fmt::format("; did you mean \"{}\"?", walk.path_to(*nearest));
  } else if (!names.empty()) {
    message += fmt::format("; there is {}", join_or(names));
  } else {
    message +=
        fmt::format("; the list has {} entries without names, counted from 0", entries.size());
  }
  diagnostics.error(walk.part_where(), std::move(message));
}

// The element that the current part means; null when there is none, which is reported.
Value* element_of(Array& array, const Walk& walk, Diagnostics& diagnostics) {
  for (Value& entry : array) {
    const std::string* name = name_of(entry);
    if (name != nullptr && *name == walk.part()) {
      return &entry;
    }
  }
  const auto position = position_in(walk.part());
  if (position && *position < array.size() && name_of(array[*position]) == nullptr) {
    return &array[*position];
  }
  report_unknown_entry(walk, array, diagnostics);
  return nullptr;
}

// The member that the current part means; a missing one is added as an empty table, or as the value
// itself at the end.
Value* member_of(Value& parent, const Walk& walk) {
  if (Value* member = parent.find(walk.part())) {
    return member;
  }
  auto& table = std::get<Table>(parent.data);
  const SourceRef where = walk.part_where();
  table.push_back(Entry{std::string(walk.part()), where, Value{Table{}, where}});
  return &table.back().value;
}

void report_not_walkable(const Walk& walk, const Value& value, Diagnostics& diagnostics) {
  std::string path;
  for (std::size_t i = 0; i < walk.at; ++i) {
    path += (i == 0 ? "" : ".") + std::string(walk.parts[i]);
  }
  diagnostics.error(walk.part_where(), fmt::format("\"{}\" is {}, so nothing can be set below it",
                                                   printable(path), expr::type_name(value)));
}

// A misspelt key on the way would make a new table: lists of tables and tables must be there
// already, apart from those directly below the document, which the key table knows.
bool may_add(const Walk& walk, const Value& parent, Diagnostics& diagnostics) {
  if (walk.last() || walk.at == 0 || parent.find(walk.part()) != nullptr) {
    return true;
  }
  std::vector<std::string_view> keys;
  for (const Entry& entry : std::get<Table>(parent.data)) {
    keys.emplace_back(entry.key);
  }
  if (const auto nearest = nearest_name(walk.part(), keys)) {
    diagnostics.error(walk.part_where(),
                      fmt::format("nothing at \"{}\"; did you mean \"{}\"?",
                                  printable(walk.path_to(walk.part())), walk.path_to(*nearest)));
    return false;
  }
  return true;
}

void apply(Value& document, std::string_view path, Value value, Diagnostics& diagnostics) {
  Walk walk{split(path, '.'), 0, {value.where.file, value.where.line, 1}};
  Value* at = &document;
  for (; walk.at < walk.parts.size(); ++walk.at) {
    if (walk.part().empty()) {
      diagnostics.error(walk.part_where(),
                        "a part of the path is empty; write for example vars.rate=500/s");
      return;
    }
    if (auto* array = std::get_if<Array>(&at->data)) {
      at = element_of(*array, walk, diagnostics);
    } else if (at->as_table() != nullptr) {
      at = may_add(walk, *at, diagnostics) ? member_of(*at, walk) : nullptr;
    } else {
      report_not_walkable(walk, *at, diagnostics);
      return;
    }
    if (at == nullptr) {
      return;
    }
  }
  *at = std::move(value);
}

void move_positions(Value& value, const SourceRef& where, unsigned skipped) {
  const auto move = [&](SourceRef& ref) {
    const unsigned inside = ref.line == 1 && ref.column > skipped ? ref.column - skipped - 1 : 0;
    ref = {where.file, where.line, where.column + inside};
  };
  move(value.where);
  if (auto* array = std::get_if<Array>(&value.data)) {
    for (Value& element : *array) {
      move_positions(element, where, skipped);
    }
  } else if (auto* table = std::get_if<Table>(&value.data)) {
    for (Entry& entry : *table) {
      move(entry.key_where);
      move_positions(entry.value, where, skipped);
    }
  }
}

}  // namespace

Value parse_override_value(std::string_view text, const SourceRef& where) {
  constexpr std::string_view kPrefix = "v = ";
  const auto parsed = expr::parse_toml(std::string(kPrefix) + std::string(text), where.file);
  // A text with a line break could hold further keys; then it is not one value.
  const Table* entries = parsed ? parsed->as_table() : nullptr;
  if (entries == nullptr || entries->size() != 1 || entries->front().key != "v") {
    return {std::string(text), where};
  }
  Value value = entries->front().value;
  move_positions(value, where, static_cast<unsigned>(kPrefix.size()));
  return value;
}

void apply_overrides(Value& document,
                     const std::vector<std::pair<std::string, std::string>>& overrides,
                     Diagnostics& diagnostics) {
  unsigned ordinal = 0;
  for (const auto& [path, text] : overrides) {
    const auto column = static_cast<unsigned>(path.size()) + 2;
    const SourceRef where{std::string(kSetOption), ++ordinal, column};
    apply(document, path, parse_override_value(text, where), diagnostics);
  }
}

}  // namespace squall::plan
