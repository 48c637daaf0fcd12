#include "loadgen/plan/variables.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/plan/build.hpp"
#include "loadgen/plan/overrides.hpp"

namespace squall::plan {
namespace {

using expr::Entry;
using expr::Value;

using Names = std::set<std::string, std::less<>>;

// Adds the NAMEs of {{var.NAME}} in a text.
void add_used(std::string_view text, Names& used) {
  constexpr std::string_view kPrefix = "var.";
  for (std::size_t open = text.find("{{"); open != std::string_view::npos;
       open = text.find("{{", open + 2)) {
    const std::size_t close = std::min(text.find("}}", open), text.size());
    const std::string_view name = trim(text.substr(open + 2, close - open - 2));
    if (name.starts_with(kPrefix)) {
      used.emplace(name.substr(kPrefix.size()));
    }
  }
}

void add_used_below(const Value& value, Names& used) {
  if (const std::string* text = value.as_string()) {
    add_used(*text, used);
  } else if (const expr::Array* array = value.as_array()) {
    for (const Value& element : *array) {
      add_used_below(element, used);
    }
  } else if (const expr::Table* table = value.as_table()) {
    for (const Entry& entry : *table) {
      add_used_below(entry.value, used);
    }
  }
}

void check_used(const expr::Table& vars, const Names& used, Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const Entry& entry : vars) {
    if (used.contains(entry.key)) {
      names.emplace_back(entry.key);
    }
  }
  for (const Entry& entry : vars) {
    if (used.contains(entry.key)) {
      continue;
    }
    if (entry.key_where.file == kSetOption) {
      diagnostics.error(entry.key_where, unknown_name("variable", entry.key, names));
    } else {
      diagnostics.warning(entry.key_where,
                          fmt::format("nothing uses {{{{var.{}}}}}", printable(entry.key)));
    }
  }
}

void define_one(const Entry& entry, expr::Scope& scope, Diagnostics& diagnostics) {
  const std::string name = "var." + entry.key;
  if (const std::string* text = entry.value.as_string()) {
    auto value = scope.substitute(*text);
    if (!value) {
      diagnostics.error(entry.value.where, value.error().message);
    }
    // Defined all the same, so that one problem is not reported once for each use.
    scope.define(name, std::move(value).value_or(std::string()));
  } else if (entry.value.as_table() != nullptr || entry.value.as_array() != nullptr) {
    diagnostics.error(
        entry.value.where,
        fmt::format("a variable is a string, a number or true or false, not {}; write "
                    "for example rate = \"200/s\"",
                    expr::type_name(entry.value)));
    scope.define(name, std::string());
  } else {
    scope.define(name, entry.value);
  }
}

}  // namespace

void define_vars(const Value& document, expr::Scope& scope, Diagnostics& diagnostics) {
  const Value* vars = document.find("vars");
  const expr::Table* table = vars != nullptr ? vars->as_table() : nullptr;
  if (table == nullptr) {
    return;
  }
  for (const Entry& entry : *table) {
    if (is_plain_name(entry.key)) {
      define_one(entry, scope, diagnostics);
    } else {
      diagnostics.error(entry.key_where,
                        fmt::format("\"{}\" cannot be the name of a variable: names begin with a "
                                    "letter and hold letters, digits, '-' and '_'",
                                    printable(entry.key)));
    }
  }
  Names used;
  add_used_below(document, used);
  check_used(*table, used, diagnostics);
}

}  // namespace squall::plan
