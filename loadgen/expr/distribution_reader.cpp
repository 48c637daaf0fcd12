// Distributions as tables of a plan: { median = "80ms", sigma = 0.5, distribution = "lognormal" }.
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/expr/table_reader.hpp"

namespace squall::expr {
namespace {

struct NamedKind {
  std::string_view name;
  DistributionKind kind;
};
// In the order of distribution_specs().
constexpr std::array kKinds{NamedKind{"constant", DistributionKind::kConstant},
                            NamedKind{"uniform", DistributionKind::kUniform},
                            NamedKind{"normal", DistributionKind::kNormal},
                            NamedKind{"lognormal", DistributionKind::kLognormal},
                            NamedKind{"pareto", DistributionKind::kPareto},
                            NamedKind{"exponential", DistributionKind::kExponential},
                            NamedKind{"table", DistributionKind::kTable}};

constexpr std::size_t kMaxValues = 100'000;

KeySpec kind_key() {
  KeySpec key{.name = "distribution",
              .help = "how the values are spread",
              .required = true,
              .choices = {},
              .example = "\"lognormal\""};
  for (const NamedKind& one : kKinds) {
    key.choices.emplace_back(one.name);
  }
  return key;
}

KeySpec duration_key(std::string name, std::string help) {
  return {.name = std::move(name),
          .type = ValueType::kDuration,
          .help = std::move(help),
          .required = true};
}

KeySpec number_key(std::string name, std::string help, std::string example) {
  return {.name = std::move(name),
          .type = ValueType::kNumber,
          .help = std::move(help),
          .required = true,
          .example = std::move(example)};
}

std::vector<TableSpec> make_specs() {
  return {
      {"distribution.constant",
       "the same value each time; a plain string says so too",
       {kind_key(), duration_key("value", "the value")}},
      {"distribution.uniform",
       "any value between two ends, each as likely",
       {kind_key(), duration_key("from", "the shortest"), duration_key("to", "the longest")}},
      {"distribution.normal",
       "around a mean; what falls below zero becomes zero",
       {kind_key(), duration_key("mean", "the mean"),
        duration_key("stddev", "the standard deviation")}},
      {"distribution.lognormal",
       "most values near the median, a few much longer: how services answer",
       {kind_key(), duration_key("median", "half of the values are longer"),
        number_key("sigma", "standard deviation of the logarithm, 0 to 10", "0.5")}},
      {"distribution.pareto",
       "a heavy tail: rare values are very long",
       {kind_key(), duration_key("median", "half of the values are longer"),
        number_key("alpha", "exponent of the tail, 0.1 to 100; the smaller, the heavier", "1.5")}},
      {"distribution.exponential",
       "independent of what was before: the pauses of people who act at random",
       {kind_key(), duration_key("mean", "the mean")}},
      {"distribution.table",
       "values that were seen, each as likely",
       {kind_key(),
        {.name = "values",
         .type = ValueType::kStringList,
         .help = "durations; one that stands twice is twice as likely",
         .required = true,
         .example = "[\"1s\", \"1s\", \"4s\"]"}}}};
}

// The description by the word in the table. Without a word that is known, one that only asks for
// it.
const TableSpec* spec_for(const Value& table, const Scope& scope) {
  const Value* word = table.find("distribution");
  const std::string* text = word != nullptr ? word->as_string() : nullptr;
  const auto name = text != nullptr ? scope.substitute(*text) : fail(ErrorCode::kNotFound, "");
  for (std::size_t i = 0; name && i < kKinds.size(); ++i) {
    if (kKinds[i].name == *name) {
      return &distribution_specs()[i];
    }
  }
  return nullptr;
}

// The keys of all kinds, so that the one wrong word is the one problem that is reported.
const TableSpec& any_spec() {
  static const TableSpec spec = [] {
    TableSpec all{"distribution", "", {kind_key()}};
    for (const TableSpec& one : distribution_specs()) {
      for (const KeySpec& key : one.keys) {
        if (all.find(key.name) == nullptr) {
          all.keys.push_back(key);
          all.keys.back().required = false;
        }
      }
    }
    return all;
  }();
  return spec;
}

Distribution read_table(TableReader& reader) {
  Distribution result{.kind = DistributionKind::kTable};
  const std::vector<LocatedText> texts = reader.string_list("values");
  for (const LocatedText& text : texts) {
    if (const auto value = parse_duration(text.text)) {
      result.values.push_back(*value);
    } else {
      reader.diagnostics().error(text.where, value.error().message);
    }
  }
  if (texts.size() > kMaxValues) {
    reader.error("values", fmt::format("at most {} values", kMaxValues));
  }
  if (result.values.empty()) {
    if (reader.has("values") && texts.empty()) {
      reader.error("values", "a table needs values, for example [\"1s\", \"4s\"]");
    }
    result.values.emplace_back(std::chrono::seconds(1));
  }
  return result;
}

Distribution read_uniform(TableReader& reader) {
  Distribution result{.kind = DistributionKind::kUniform,
                      .low = reader.duration("from"),
                      .high = reader.duration("to")};
  if (result.low > result.high) {
    reader.error("to", "\"to\" is shorter than \"from\"");
    result.high = result.low;
  }
  return result;
}

}  // namespace

const std::vector<TableSpec>& distribution_specs() {
  static const std::vector<TableSpec> specs = make_specs();
  return specs;
}

Distribution read_distribution(const Value& table, const Scope& scope, Diagnostics& diagnostics) {
  const TableSpec* spec = spec_for(table, scope);
  if (spec == nullptr) {
    TableReader reader(table, any_spec(), scope, diagnostics);
    // Reports what the scope does not know.
    static_cast<void>(reader.string("distribution"));
    return Distribution::constant(std::chrono::seconds(1));
  }
  TableReader reader(table, *spec, scope, diagnostics);
  const auto kind = kKinds[static_cast<std::size_t>(spec - distribution_specs().data())].kind;
  switch (kind) {
    case DistributionKind::kConstant:
      return Distribution::constant(reader.duration("value"));
    case DistributionKind::kUniform:
      return read_uniform(reader);
    case DistributionKind::kNormal:
      return {.kind = kind,
              .center = reader.duration("mean"),
              .spread = static_cast<double>(reader.duration("stddev").count())};
    case DistributionKind::kLognormal:
      return {.kind = kind,
              .center = reader.duration("median"),
              .spread = reader.number("sigma", 0, 10)};
    case DistributionKind::kPareto:
      return {.kind = kind,
              .center = reader.duration("median"),
              .spread = reader.number("alpha", 0.1, 100)};
    case DistributionKind::kExponential:
      return {.kind = kind, .center = reader.duration("mean")};
    case DistributionKind::kTable:
      return read_table(reader);
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::expr
