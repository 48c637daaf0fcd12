// Values back to TOML text.
#include "loadgen/expr/toml_writer.hpp"

#include <cmath>

#include <fmt/core.h>

#include "loadgen/expr/json_text.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {
namespace {

// Below the top level, a table that fits is written as one line: { … }.
constexpr std::size_t kInlineWidth = 100;

// TOML escapes what JSON escapes, and DEL.
void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  std::size_t del = text.find('\x7f');
  while (del != std::string_view::npos) {
    append_json_text(text.substr(0, del), out);
    out += "\\u007f";
    text.remove_prefix(del + 1);
    del = text.find('\x7f');
  }
  append_json_text(text, out);
  out += '"';
}

std::string number_text(double number) {
  if (std::isnan(number)) {
    return "nan";
  }
  if (std::isinf(number)) {
    return number < 0 ? "-inf" : "inf";
  }
  return json_number(number);
}

struct InlineWriter {
  std::string& out;

  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += fmt::format("{}", value); }
  void operator()(double value) const { out += number_text(value); }
  void operator()(const std::string& value) const { append_quoted(value, out); }
  void operator()(const Array& items) const {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      out += i == 0 ? "" : ", ";
      std::visit(*this, items[i].data);
    }
    out += ']';
  }
  void operator()(const Table& entries) const {
    out += entries.empty() ? "{" : "{ ";
    for (std::size_t i = 0; i < entries.size(); ++i) {
      out += (i == 0 ? "" : ", ") + toml_key(entries[i].key) + " = ";
      std::visit(*this, entries[i].value.data);
    }
    out += entries.empty() ? "}" : " }";
  }
};

bool is_table_list(const Value& value) {
  const Array* items = value.as_array();
  if (items == nullptr || items->empty()) {
    return false;
  }
  for (const Value& item : *items) {
    if (item.as_table() == nullptr) {
      return false;
    }
  }
  return true;
}

// Whether the value gets a header of its own. Such values come after the others of their table:
// TOML has no way back from a header to the table above it.
bool has_header(const Value& value, bool top_level) {
  if (is_table_list(value)) {
    return true;
  }
  if (value.as_table() == nullptr) {
    return false;
  }
  return top_level || inline_toml(value).size() > kInlineWidth;
}

void write_table(const Table& table, const std::string& path, std::string& out) {
  const bool top_level = path.empty();
  for (const Entry& entry : table) {
    if (has_header(entry.value, top_level)) {
      continue;
    }
    out += toml_key(entry.key) + " = ";
    const std::string* text = entry.value.as_string();
    if (text != nullptr && suits_toml_block(*text)) {
      out += "'''\n" + *text + "'''";
    } else {
      out += inline_toml(entry.value);
    }
    out += '\n';
  }
  for (const Entry& entry : table) {
    if (!has_header(entry.value, top_level)) {
      continue;
    }
    const std::string child = top_level ? toml_key(entry.key) : path + "." + toml_key(entry.key);
    if (const Array* items = entry.value.as_array()) {
      for (const Value& item : *items) {
        out += fmt::format("\n[[{}]]\n", child);
        write_table(*item.as_table(), child, out);
      }
    } else {
      out += fmt::format("\n[{}]\n", child);
      write_table(*entry.value.as_table(), child, out);
    }
  }
}

}  // namespace

bool suits_toml_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.ends_with('\'') ||
      text.find("'''") != std::string_view::npos) {
    return false;
  }
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      return false;
    }
  }
  return true;
}

std::string inline_toml(const Value& value) {
  std::string text;
  std::visit(InlineWriter{text}, value.data);
  return text;
}

std::string toml_key(std::string_view key) {
  constexpr std::string_view kBare =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (!key.empty() && key.find_first_not_of(kBare) == std::string_view::npos) {
    return std::string(key);
  }
  std::string quoted;
  append_quoted(key, quoted);
  return quoted;
}

std::string scalar_text(const Value& value) {
  const std::string* text = value.as_string();
  return text != nullptr ? *text : inline_toml(value);
}

std::string to_toml(const Value& document) {
  std::string out;
  if (const Table* table = document.as_table()) {
    write_table(*table, "", out);
  }
  return out;
}

}  // namespace squall::expr
