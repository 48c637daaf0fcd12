#include "faults/control/members.hpp"

#include <cstdint>
#include <variant>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

template <class T>
ApiResult<std::optional<T>> read_member(const expr::Value& table, std::string_view name,
                                        std::string_view expected) {
  const expr::Value* const found = find_member(table, name);
  if (found == nullptr) {
    return std::optional<T>();
  }
  if (const T* value = std::get_if<T>(&found->data)) {
    return std::optional<T>(*value);
  }
  return refuse_body(type_problem(name, expected, *found));
}

}  // namespace

const expr::Value* find_member(const expr::Value& table, std::string_view name) {
  const expr::Value* found = nullptr;
  for (const expr::Entry& entry : *table.as_table()) {
    if (equals_ignoring_case(entry.key, name)) {
      found = &entry.value;
    }
  }
  return found;
}

ApiResult<std::optional<std::string>> read_text(const expr::Value& table, std::string_view name) {
  return read_member<std::string>(table, name, "a string");
}

ApiResult<std::optional<bool>> read_boolean(const expr::Value& table, std::string_view name) {
  return read_member<bool>(table, name, "true or false");
}

std::string_view json_type(const expr::Value& value) {
  struct Namer {
    std::string_view operator()(bool /*value*/) const { return "a boolean"; }
    std::string_view operator()(std::int64_t /*value*/) const { return "a number"; }
    std::string_view operator()(double /*value*/) const { return "a number"; }
    std::string_view operator()(const std::string& /*value*/) const { return "a string"; }
    std::string_view operator()(const expr::Array& /*value*/) const { return "an array"; }
    std::string_view operator()(const expr::Table& /*value*/) const { return "an object"; }
  };
  return std::visit(Namer{}, value.data);
}

std::string type_problem(std::string_view name, std::string_view expected,
                         const expr::Value& found) {
  return fmt::format("{}: expected {}, not {}", name, expected, json_type(found));
}

}  // namespace squall::faults
