#include "loadgen/expr/key_markdown.hpp"

#include <fmt/core.h>

#include "loadgen/expr/value_shape.hpp"

namespace squall::expr {
namespace {

// The key table holds defaults without quotes.
std::string default_in_toml(const KeySpec& key) {
  const bool bare = key.type == ValueType::kInteger || key.type == ValueType::kNumber ||
                    key.type == ValueType::kBoolean || key.type == ValueType::kStringList;
  return bare ? key.default_value : fmt::format("\"{}\"", key.default_value);
}

std::string value_cell(const KeySpec& key) {
  if (key.choices.empty()) {
    return std::string(to_string(key.type));
  }
  std::string words;
  for (const std::string& choice : key.choices) {
    words += fmt::format("{}`{}`", words.empty() ? "" : ", ", choice);
  }
  return words;
}

std::string default_cell(const KeySpec& key) {
  if (key.required) {
    return "required";
  }
  return key.default_value.empty() ? "" : fmt::format("`{}`", markdown_cell(key.default_value));
}

// Empty for a table that has a section of its own.
std::string example_cell(const KeySpec& key) {
  const bool nested = key.type == ValueType::kTable || key.type == ValueType::kTableList;
  if (nested && key.example.empty()) {
    return {};
  }
  const bool shows_default = key.example.empty() && !key.default_value.empty();
  return fmt::format("`{}`", markdown_cell(shows_default ? default_in_toml(key) : example_of(key)));
}

}  // namespace

std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') {
      cell += "\\|";
    } else {
      cell += c == '\n' ? ' ' : c;
    }
  }
  return cell;
}

std::string key_table(const TableSpec& table) {
  if (table.keys.empty()) {
    return {};
  }
  std::string out = "| key | value | default | example | meaning |\n|---|---|---|---|---|\n";
  for (const KeySpec& key : table.keys) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", key.name, value_cell(key),
                       default_cell(key), example_cell(key), markdown_cell(key.help));
  }
  return out;
}

std::string index_table(std::string_view what, std::string_view anchor_prefix,
                        const std::vector<IndexRow>& rows) {
  std::string out = fmt::format("| {} | what it does | in production |\n|---|---|---|\n", what);
  for (const IndexRow& row : rows) {
    out += fmt::format("| [{0}](#{1}{0}) | {2} | {3} |\n", row.name, anchor_prefix,
                       markdown_cell(row.summary), markdown_cell(row.production_cause));
  }
  return out;
}

}  // namespace squall::expr
