// The key table: what may stand in a plan. Reading, validation, the reference in plans/README.md,
// the JSON Schema and the help of `squall explain` all come from these descriptions, so they cannot
// disagree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace squall::expr {

enum class ValueType {
  kString,    // taken as it is, after load-time substitution
  kTemplate,  // may hold run-time names such as {{key}}
  kInteger,
  kNumber,
  kBoolean,
  kCountRange,    // 3, or "2..5"
  kDuration,      // "250ms"
  kRate,          // "200/s"
  kShare,         // "5%"
  kBytes,         // "64KiB"
  kDistribution,  // "80ms", or { median = "80ms", sigma = 0.5, distribution = "lognormal" }
  kWindow,        // ["5s", "25s"], from and to after t = 0
  kStringList,
  kTemplateMap,  // a table of strings; values may hold run-time names
  kJson,         // any TOML value, sent as JSON
  kTable,        // `table` describes it
  kTableList,    // [[…]], each described by `table`
  kUsers,  // 50, or a stage { from = 0, to = 100, over = "30s" }, or a list of stages; `table`
           // describes a stage
};

// "duration", "list of strings"…: for messages and the reference.
[[nodiscard]] std::string_view to_string(ValueType type);
// A right value of that type in TOML, for messages: `"250ms"`.
[[nodiscard]] std::string_view example_of(ValueType type);

struct TableSpec;

// One key. Built with designated initialisers; texts are one line of Markdown.
struct KeySpec {
  std::string name;
  ValueType type = ValueType::kString;
  std::string help;
  std::string default_value = {};  // as written in TOML without quotes ("2s"); empty: no default
  bool required = false;
  std::vector<std::string> choices = {};  // for strings: the allowed words
  const TableSpec* table = nullptr;       // for the last three types; outlives this (static)
  std::string example = {};               // in TOML; empty: example_of(type)
};

struct TableSpec {
  std::string name;  // its path in a plan: "scenario.step"
  std::string help;
  std::vector<KeySpec> keys;

  [[nodiscard]] const KeySpec* find(std::string_view key) const;
  [[nodiscard]] std::vector<std::string_view> key_names() const;
};

}  // namespace squall::expr
