#include "loadgen/expr/key_spec.hpp"

#include "loadgen/base/check.hpp"

namespace squall::expr {
namespace {

struct TypeText {
  std::string_view name;
  std::string_view example;
};

TypeText text_of(ValueType type) {
  switch (type) {
    case ValueType::kString:
      return {"string", "\"text\""};
    case ValueType::kTemplate:
      return {"template", "\"order-{{seq}}\""};
    case ValueType::kInteger:
      return {"integer", "3"};
    case ValueType::kNumber:
      return {"number", "0.5"};
    case ValueType::kBoolean:
      return {"boolean", "true"};
    case ValueType::kCountRange:
      return {"count or range", "\"1..5\""};
    case ValueType::kDuration:
      return {"duration", "\"250ms\""};
    case ValueType::kRate:
      return {"rate", "\"200/s\""};
    case ValueType::kShare:
      return {"share", "\"5%\""};
    case ValueType::kBytes:
      return {"size", "\"64KiB\""};
    case ValueType::kDistribution:
      return {"duration or distribution",
              "\"80ms\" or { median = \"80ms\", sigma = 0.5, distribution = \"lognormal\" }"};
    case ValueType::kWindow:
      return {"window", "[\"5s\", \"25s\"]"};
    case ValueType::kStringList:
      return {"list of strings", "[\"one\", \"two\"]"};
    case ValueType::kTemplateMap:
      return {"table of templates", "{ Idempotency-Key = \"{{key}}\" }"};
    case ValueType::kJson:
      return {"JSON value", "{ order = \"{{seq}}\", amount = 1999 }"};
    case ValueType::kTable:
      return {"table", "{ … }"};
    case ValueType::kTableList:
      return {"list of tables", "[[…]]"};
    case ValueType::kUsers:
      return {"number of users", "50 or { from = 0, to = 100, over = \"30s\" }"};
  }
  SQUALL_CHECK(false);
}

}  // namespace

std::string_view to_string(ValueType type) {
  return text_of(type).name;
}

std::string_view example_of(ValueType type) {
  return text_of(type).example;
}

const KeySpec* TableSpec::find(std::string_view key) const {
  for (const KeySpec& spec : keys) {
    if (spec.name == key) {
      return &spec;
    }
  }
  return nullptr;
}

std::vector<std::string_view> TableSpec::key_names() const {
  std::vector<std::string_view> names;
  names.reserve(keys.size());
  for (const KeySpec& spec : keys) {
    names.emplace_back(spec.name);
  }
  return names;
}

}  // namespace squall::expr
