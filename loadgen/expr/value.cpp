#include "loadgen/expr/value.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/toml_text.hpp"

namespace squall::expr {
namespace {

// Turns the TOML library's nodes into values. One use each.
class Converter {
 public:
  explicit Converter(const TomlText& text) : text_(text) {}

  Value value(const toml::node& node, unsigned depth = 0) {
    Value result{.data = false,
                 .where = text_.at(node.source().begin.line, node.source().begin.column)};
    if (depth > kMaxDepth) {
      report(result.where, fmt::format("nested more than {} levels deep", kMaxDepth));
    } else if (const auto* table = node.as_table()) {
      result.data = members(*table, depth + 1);
    } else if (const auto* array = node.as_array()) {
      Array items;
      items.reserve(array->size());
      for (const toml::node& item : *array) {
        items.push_back(value(item, depth + 1));
      }
      result.data = std::move(items);
    } else if (const auto* text = node.as_string()) {
      result.data = text->get();
    } else if (const auto* integer = node.as_integer()) {
      result.data = std::int64_t{integer->get()};
    } else if (const auto* number = node.as_floating_point()) {
      result.data = number->get();
    } else if (const auto* boolean = node.as_boolean()) {
      result.data = boolean->get();
    } else {
      report(result.where,
             "dates and times have no place in a plan; put quotes around it if text is meant");
    }
    return result;
  }

  // The first problem in the file, if there was one.
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

 private:
  // to_toml writes inline tables, and the TOML library reads at most 256 of them in each other.
  static constexpr unsigned kMaxDepth = 64;

  void report(const SourceRef& where, std::string message) {
    if (!problem_ || where < *problem_->where) {
      problem_ = Error{ErrorCode::kMalformed, std::move(message), where};
    }
  }

  Table members(const toml::table& table, unsigned depth) {
    Table result;
    result.reserve(table.size());
    for (const auto& [key, node] : table) {
      const auto& begin = key.source().begin;
      result.push_back(
          {std::string(key.str()), text_.at(begin.line, begin.column), value(node, depth)});
    }
    std::stable_sort(result.begin(), result.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.key_where.line, a.key_where.column) <
             std::tie(b.key_where.line, b.key_where.column);
    });
    return result;
  }

  const TomlText& text_;
  std::optional<Error> problem_;
};

template <class TableType>
auto* find_member(TableType* table, std::string_view key) {
  using Found = decltype(&table->front().value);
  if (table != nullptr) {
    for (auto& entry : *table) {
      if (entry.key == key) {
        return Found{&entry.value};
      }
    }
  }
  return Found{nullptr};
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  return find_member(as_table(), key);
}

Value* Value::find(std::string_view key) {
  return find_member(std::get_if<Table>(&data), key);
}

std::string_view type_name(const Value& value) {
  struct Namer {
    std::string_view operator()(bool /*value*/) const { return "a boolean"; }
    std::string_view operator()(std::int64_t /*value*/) const { return "an integer"; }
    std::string_view operator()(double /*value*/) const { return "a number"; }
    std::string_view operator()(const std::string& /*value*/) const { return "a string"; }
    std::string_view operator()(const Array& items) const {
      const bool tables = !items.empty() &&
                          std::all_of(items.begin(), items.end(),
                                      [](const Value& item) { return item.as_table() != nullptr; });
      return tables ? "a list of tables" : "a list";
    }
    std::string_view operator()(const Table& /*value*/) const { return "a table"; }
  };
  return std::visit(Namer(), value.data);
}

Result<Value> parse_toml(std::string_view text, std::string file) {
  const TomlText source(text, std::move(file));
  if (const auto too_deep = source.too_deep_key()) {
    return fail({ErrorCode::kMalformed,
                 fmt::format("a key has more than {} parts", TomlText::kMaxKeyParts), *too_deep});
  }
  try {
    const toml::table document = toml::parse(text);
    Converter converter(source);
    Value result = converter.value(document);
    if (converter.problem()) {
      return fail(*converter.problem());
    }
    return result;
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    return fail({ErrorCode::kMalformed, source.explain(error.description(), begin.line),
                 source.at(begin.line, begin.column)});
  }
}

}  // namespace squall::expr
