#include "faults/proxy/toxic_attributes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "faults/proxy/http/http_fault.hpp"
#include "loadgen/base/check.hpp"
#include "loadgen/base/diagnostics.hpp"
#include "loadgen/base/text.hpp"

namespace squall::faults {
namespace {

// A default as its description writes it: TOML.
expr::Value default_of(const expr::KeySpec& key) {
  const bool text = key.type != expr::ValueType::kInteger && key.type != expr::ValueType::kNumber &&
                    key.type != expr::ValueType::kBoolean;
  const std::string quote = text ? "\"" : "";
  auto parsed = expr::parse_toml("x = " + quote + key.default_value + quote, "default");
  SQUALL_CHECK(parsed.has_value());
  return std::move(*parsed->find("x"));
}

// JSON has one kind of number.
expr::Value with_type_of(const expr::KeySpec& key, expr::Value value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (const double* number = std::get_if<double>(&value.data);
      number != nullptr && key.type == expr::ValueType::kInteger &&
      *number == std::trunc(*number) && std::abs(*number) <= kExact) {
    value.data = static_cast<std::int64_t>(*number);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data);
             integer != nullptr && key.type == expr::ValueType::kNumber) {
    value.data = static_cast<double>(*integer);
  }
  return value;
}

const expr::Value* find_ignoring_case(const expr::Value& table, std::string_view key) {
  const expr::Value* found = nullptr;
  for (const expr::Entry& entry : *table.as_table()) {
    if (equals_ignoring_case(entry.key, key)) {
      found = &entry.value;
    }
  }
  return found;
}

// What `compile` makes of the attributes; what is wrong with them goes to `diagnostics`.
template <class Compile>
auto read(const ToxicKind& kind, const expr::Value& attributes, Diagnostics& diagnostics,
          Compile compile) {
  const expr::Scope scope([](const std::string&) { return std::optional<std::string>(); });
  expr::TableReader reader(attributes, *kind.attributes, scope, diagnostics);
  return compile(reader);
}

// The same, or all that is wrong in one text.
template <class Compile>
auto compiled(const ToxicKind& kind, const expr::Value& attributes, Compile compile)
    -> Result<decltype(compile(std::declval<expr::TableReader&>()))> {
  Diagnostics diagnostics;
  auto result = read(kind, attributes, diagnostics, compile);
  if (!diagnostics.has_errors()) {
    return result;
  }
  std::string problems;
  for (const Diagnostic& item : diagnostics.sorted()) {
    problems.append(problems.empty() ? "" : "; ").append(item.message);
  }
  return fail(ErrorCode::kInvalidArgument, std::move(problems));
}

HttpEntry http_entry(const ToxicKind& kind, expr::TableReader& reader) {
  HttpEntry entry;
  entry.selection = HttpSelection::read(reader);
  entry.fault = kind.compile_http(reader);
  return entry;
}

}  // namespace

expr::Value complete_attributes(const ToxicKind& kind, const expr::Value& before,
                                const expr::Value& given) {
  const std::vector<expr::KeySpec>& keys = kind.attributes->keys;
  expr::Table result;
  for (const expr::KeySpec& key : keys) {
    const expr::Value* value = find_ignoring_case(given, key.name);
    if (value == nullptr) {
      value = before.find(key.name);
    }
    if (value != nullptr) {
      result.push_back({key.name, {}, with_type_of(key, *value)});
    } else if (!key.default_value.empty()) {
      result.push_back({key.name, {}, with_type_of(key, default_of(key))});
    }
  }
  if (kind.acts_on_http()) {
    std::copy_if(given.as_table()->begin(), given.as_table()->end(), std::back_inserter(result),
                 [&keys](const expr::Entry& entry) {
                   return std::none_of(keys.begin(), keys.end(), [&entry](const auto& key) {
                     return equals_ignoring_case(key.name, entry.key);
                   });
                 });
  }
  return {std::move(result), {}};
}

Result<ToxicFactory> compile_toxic(const ToxicKind& kind, const expr::Value& attributes) {
  if (kind.acts_on_http()) {
    return compile_http_toxic(kind, attributes).map([](const HttpEntry& /*fault*/) {
      return ToxicFactory();
    });
  }
  return compiled(kind, attributes,
                  [&kind](expr::TableReader& reader) { return kind.compile(reader); });
}

Result<HttpEntry> compile_http_toxic(const ToxicKind& kind, const expr::Value& attributes) {
  return compiled(kind, attributes,
                  [&kind](expr::TableReader& reader) { return http_entry(kind, reader); });
}

void check_attributes(const ToxicKind& kind, const expr::Value& attributes,
                      Diagnostics& diagnostics) {
  if (kind.acts_on_http()) {
    read(kind, attributes, diagnostics,
         [&kind](expr::TableReader& reader) { return http_entry(kind, reader); });
  } else {
    read(kind, attributes, diagnostics,
         [&kind](expr::TableReader& reader) { return kind.compile(reader); });
  }
}

}  // namespace squall::faults
