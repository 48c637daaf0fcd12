// Reads one table of a plan against its description and reports every problem at its position.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/base/diagnostics.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/distribution.hpp"
#include "loadgen/expr/key_spec.hpp"
#include "loadgen/expr/scope.hpp"
#include "loadgen/expr/template.hpp"
#include "loadgen/expr/value.hpp"

namespace squall::expr {

struct Window {
  Duration from{};
  Duration to{};  // exclusive
  auto operator<=>(const Window&) const = default;
};

// Both ends included.
struct CountRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  auto operator<=>(const CountRange&) const = default;
};

// Text with the place it came from, for parts that are parsed later (expressions).
struct LocatedText {
  std::string text;
  SourceRef where;
};

// Borrows everything it is given; all must outlive it. One thread.
//
// The constructor reports keys that the description does not know (with the nearest that it does),
// missing required keys (at the table), values of a wrong type or outside `choices` (with an
// example of a right one). The getters then read: for a key that is absent they give the
// description's default, for one that is wrong an arbitrary valid value (the problem is reported
// already or now), so that the caller can go on and find the next problem. No message holds a
// secret of the scope.
//
// Every string goes through the scope when it is read. Integers, numbers and booleans may be
// written as a string that refers to the scope ("{{var.copies}}").
//
// REQUIRES of each getter: `key` stands in the description with the type that the getter names.
class TableReader {
 public:
  TableReader(const Value& table, const TableSpec& spec, const Scope& scope,
              Diagnostics& diagnostics);

  [[nodiscard]] bool has(std::string_view key) const;
  // Where the key's value stands; the table's own place when the key is absent.
  [[nodiscard]] SourceRef where(std::string_view key) const;
  [[nodiscard]] SourceRef where() const { return table_.where; }
  // Reports a problem with the key's value.
  void error(std::string_view key, std::string message);
  void warning(std::string_view key, std::string message);

  [[nodiscard]] std::string string(std::string_view key);
  [[nodiscard]] Template text(std::string_view key, const TemplateNames& names);
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  [[nodiscard]] double number(std::string_view key, double min, double max);
  [[nodiscard]] bool boolean(std::string_view key);
  [[nodiscard]] CountRange count_range(std::string_view key, std::uint32_t min, std::uint32_t max);
  [[nodiscard]] Duration duration(std::string_view key);
  [[nodiscard]] Rate rate(std::string_view key);
  [[nodiscard]] Share share(std::string_view key);
  [[nodiscard]] ByteCount bytes(std::string_view key);
  [[nodiscard]] Distribution distribution(std::string_view key);
  [[nodiscard]] std::optional<Window> window(std::string_view key);
  [[nodiscard]] std::vector<LocatedText> string_list(std::string_view key);
  [[nodiscard]] std::vector<std::pair<std::string, Template>> template_map(
      std::string_view key, const TemplateNames& names);
  // The key's value as a JSON body: see Template::from_json.
  [[nodiscard]] Template json(std::string_view key, const TemplateNames& names);
  // The tables of a kTable or kTableList key, empty when absent. Values of a wrong type are
  // reported and left out.
  [[nodiscard]] std::vector<const Value*> tables(std::string_view key);

  [[nodiscard]] const Scope& scope() const { return scope_; }
  [[nodiscard]] Diagnostics& diagnostics() { return diagnostics_; }

 private:
  [[nodiscard]] const KeySpec& described(std::string_view key, ValueType type) const;
  // The key's value when it is there and has the right shape (else that is reported already).
  [[nodiscard]] const Value* usable(const KeySpec& spec) const;
  // Whether a getter answers with zero (absent and optional) and not with a harmless value.
  [[nodiscard]] bool is_left_out(const KeySpec& spec) const;
  void check_entry(const Entry& entry);
  void check_choice(const KeySpec& spec, const Value& value);
  void report(const SourceRef& where, std::string message);
  // The string with the scope's values; nothing, and reported, when that fails.
  [[nodiscard]] std::optional<std::string> substituted(const Value& value);
  // What `parse` makes of the text; nothing, and reported with the prefix, when it fails.
  template <class Parse>
  [[nodiscard]] auto parsed(const SourceRef& where, const std::string& text,
                            std::string_view prefix, Parse parse)
      -> std::optional<typename decltype(parse(text))::value_type>;
  [[nodiscard]] std::optional<Duration> duration_of(const Value& value);
  [[nodiscard]] std::optional<Template> template_of(const Value& value, const TemplateNames& names);
  // The same names, and the scope for what stands inside quoted arguments.
  [[nodiscard]] TemplateNames with_scope(const TemplateNames& names) const;
  [[nodiscard]] Result<Value> substitute_all(const Value& value) const;
  // The text of a scalar, quoted or not, after substitution; the default when absent.
  [[nodiscard]] std::optional<std::string> scalar(const KeySpec& spec);
  template <class T, class Parse>
  [[nodiscard]] T quantity(std::string_view key, ValueType type, Parse parse, T harmless);
  template <class T, class Parse>
  [[nodiscard]] T bounded(std::string_view key, ValueType type, Parse parse, T min, T max);

  const Value& table_;
  const TableSpec& spec_;
  const Scope& scope_;
  Diagnostics& diagnostics_;
};

// The tables that a kDistribution key takes, one for each word of their key `distribution`: for the
// reference. Static.
[[nodiscard]] const std::vector<TableSpec>& distribution_specs();

// Reads such a table. Problems are reported; the result is then some valid distribution.
[[nodiscard]] Distribution read_distribution(const Value& table, const Scope& scope,
                                             Diagnostics& diagnostics);

}  // namespace squall::expr
