// TOML values as JSON templates.
#include <cmath>
#include <utility>

#include "loadgen/base/hash.hpp"
#include "loadgen/expr/json_text.hpp"
#include "loadgen/expr/template_parser.hpp"

namespace squall::expr {

Result<void> TemplateParser::add_json(const Value& value) {
  if (const std::string* text = value.as_string()) {
    return add_json_string(*text, value.where);
  }
  if (const Array* items = value.as_array()) {
    return add_json_array(*items);
  }
  if (const Table* entries = value.as_table()) {
    return add_json_object(*entries);
  }
  if (const double* number = std::get_if<double>(&value.data)) {
    if (!std::isfinite(*number)) {
      return fail(
          {ErrorCode::kInvalidArgument, "JSON has no infinite numbers and no nan", value.where});
    }
    add_literal(json_number(*number));
  } else {
    add_literal(scalar_text(value));
  }
  return {};
}

Result<void> TemplateParser::add_json_string(std::string_view text, const SourceRef& where) {
  const auto located = [&](Result<void> result) {
    if (!result) {
      result.error().where = where;
    }
    return result;
  };
  calls_ = 0;
  const auto braces = find_braces(text, 0);
  if (braces && *braces && (*braces)->begin == 0 && (*braces)->end == text.size()) {
    text_ = text;
    return located(add_expression(**braces, Encoding::kJsonValue));
  }
  add_literal("\"");
  auto added = located(add_text(text, Encoding::kJsonText));
  add_literal("\"");
  return added;
}

Result<void> TemplateParser::add_json_array(const Array& items) {
  const std::uint64_t place = place_;
  add_literal("[");
  for (std::size_t i = 0; i < items.size(); ++i) {
    add_literal(i == 0 ? "" : ",");
    place_ = hash_combine(place, i);
    if (auto added = add_json(items[i]); !added) {
      return added;
    }
  }
  add_literal("]");
  return {};
}

Result<void> TemplateParser::add_json_object(const Table& entries) {
  const std::uint64_t place = place_;
  add_literal("{");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    add_literal(i == 0 ? "\"" : ",\"");
    add_encoded_literal(entries[i].key, Encoding::kJsonText);
    add_literal("\":");
    place_ = hash_combine(place, hash_bytes(entries[i].key));
    if (auto added = add_json(entries[i].value); !added) {
      return added;
    }
  }
  add_literal("}");
  return {};
}

Result<Template> Template::from_json(const Value& value, const TemplateNames& names) {
  TemplateParser parser(names);
  if (auto added = parser.add_json(value); !added) {
    return fail(std::move(added).error());
  }
  return parser.take();
}

}  // namespace squall::expr
