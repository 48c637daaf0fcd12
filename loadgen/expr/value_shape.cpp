#include "loadgen/expr/value_shape.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"

namespace squall::expr {
namespace {

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value.data) ||
         std::holds_alternative<double>(value.data);
}

bool is_placeholder(const Value& value) {
  const std::string* text = value.as_string();
  return text != nullptr && has_placeholder(*text);
}

bool all_tables(const Array& items) {
  return std::all_of(items.begin(), items.end(),
                     [](const Value& item) { return item.as_table() != nullptr; });
}

bool takes_unit(ValueType type) {
  return type == ValueType::kDuration || type == ValueType::kRate || type == ValueType::kShare ||
         type == ValueType::kBytes || type == ValueType::kDistribution;
}

std::string with_article(std::string_view noun) {
  const bool vowel = std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", noun);
}

}  // namespace

bool has_placeholder(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("${env:") != std::string_view::npos;
}

bool shape_fits(ValueType type, const Value& value) {
  switch (type) {
    case ValueType::kString:
    case ValueType::kTemplate:
    case ValueType::kDuration:
    case ValueType::kRate:
    case ValueType::kShare:
    case ValueType::kBytes:
      return value.as_string() != nullptr;
    case ValueType::kInteger:
      return std::holds_alternative<std::int64_t>(value.data) || is_placeholder(value);
    case ValueType::kCountRange:
      return std::holds_alternative<std::int64_t>(value.data) || value.as_string() != nullptr;
    case ValueType::kNumber:
      return is_number(value) || is_placeholder(value);
    case ValueType::kBoolean:
      return std::holds_alternative<bool>(value.data) || is_placeholder(value);
    case ValueType::kDistribution:
      return value.as_string() != nullptr || value.as_table() != nullptr;
    case ValueType::kWindow:
      return value.as_array() != nullptr && value.as_array()->size() == 2;
    case ValueType::kStringList:
      return value.as_array() != nullptr;
    case ValueType::kTemplateMap:
    case ValueType::kTable:
      return value.as_table() != nullptr;
    case ValueType::kJson:
      return true;
    case ValueType::kTableList:
      return value.as_array() != nullptr && all_tables(*value.as_array());
    case ValueType::kUsers:
      return shape_fits(ValueType::kInteger, value) || value.as_table() != nullptr ||
             (value.as_array() != nullptr && all_tables(*value.as_array()));
  }
  SQUALL_CHECK(false);
}

std::string example_of(const KeySpec& spec) {
  if (!spec.example.empty()) {
    return spec.example;
  }
  const bool list = spec.type == ValueType::kStringList;
  if (!spec.choices.empty() && (list || spec.type == ValueType::kString)) {
    return fmt::format("{}\"{}\"{}", list ? "[" : "", spec.choices.front(), list ? "]" : "");
  }
  return std::string(example_of(spec.type));
}

std::string shape_problem(const KeySpec& spec, const Value& value) {
  const std::string_view header = spec.table != nullptr ? spec.table->name : spec.name;
  if (spec.type == ValueType::kTableList) {
    return fmt::format("\"{}\" takes tables, each under a header [[{}]], not {}", spec.name, header,
                       type_name(value));
  }
  if (spec.type == ValueType::kTable) {
    return fmt::format("\"{}\" takes a table, under one header [{}] or as {{ … }}, not {}",
                       spec.name, header, type_name(value));
  }
  std::string text = fmt::format("\"{}\" takes {} such as {}", spec.name,
                                 with_article(to_string(spec.type)), example_of(spec));
  const Array* items = value.as_array();
  if (spec.type == ValueType::kWindow && items != nullptr) {
    return text + fmt::format(", not a list of {}", items->size());
  }
  text += fmt::format(", not {}", type_name(value));
  if (takes_unit(spec.type) && is_number(value)) {
    text += ": the unit is missing";
  }
  return text;
}

std::string missing_problem(const KeySpec& spec, std::string_view parent) {
  const std::string header = fmt::format("{}{}{}", parent, parent.empty() ? "" : ".", spec.name);
  if (spec.type == ValueType::kTableList || spec.type == ValueType::kTable) {
    const bool list = spec.type == ValueType::kTableList;
    return fmt::format("\"{}\" is missing; add a table {}{}{}", spec.name, list ? "[[" : "[",
                       header, list ? "]]" : "]");
  }
  return fmt::format("\"{}\" is missing; write for example {} = {}", spec.name, spec.name,
                     example_of(spec));
}

}  // namespace squall::expr
