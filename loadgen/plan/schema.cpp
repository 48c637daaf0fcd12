#include "loadgen/plan/schema.hpp"

#include <nlohmann/json.hpp>

#include "loadgen/base/check.hpp"
#include "loadgen/expr/distribution.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"

namespace squall::plan {
namespace {

using expr::KeySpec;
using expr::TableSpec;
using expr::ValueType;
using nlohmann::ordered_json;

// A value that is filled in while the plan is read can stand for anything.
constexpr const char* kPlaceholder = R"(\{\{|\$\{env:)";

ordered_json placeholder() {
  return {{"type", "string"}, {"pattern", kPlaceholder}};
}

// "lognormal" of "distribution.lognormal".
std::string word_of(const TableSpec& distribution) {
  return distribution.name.substr(distribution.name.find('.') + 1);
}

// Text of the given form, or with names to fill in.
ordered_json quantity(const std::string& pattern) {
  return {{"type", "string"}, {"pattern", pattern + "|" + kPlaceholder}};
}

ordered_json or_placeholder(const char* type) {
  return {{"anyOf", {ordered_json{{"type", type}}, placeholder()}}};
}

constexpr const char* kDuration = R"(^(0|([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)$)";

class Writer {
 public:
  explicit Writer(const Registries& registries) : registries_(registries) {}

  ordered_json document() {
    ordered_json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                         {"title", "squall plan"}};
    root.update(object(plan_spec()));
    // Traffic, or what `squall idempotency` makes traffic of.
    root["anyOf"] = {{{"required", {"load", "scenario"}}},
                     {{"required", ordered_json::array({"idempotency"})}}};
    // Groups hold steps, which may be groups.
    root["$defs"]["step"] = {{"anyOf", {object(step_spec()), object(group_spec())}}};
    return root;
  }

 private:
  ordered_json object(const TableSpec& table) {
    ordered_json properties = ordered_json::object();
    ordered_json required = ordered_json::array();
    for (const KeySpec& key : table.keys) {
      properties[key.name] = value(key);
      if (key.required) {
        required.push_back(key.name);
      }
    }
    return {{"type", "object"},
            {"description", table.help},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
  }

  // One alternative for each kind; the discriminating word is constant in each.
  template <class Kind>
  ordered_json one_of(const TableSpec& common, const std::string& word,
                      const Registry<Kind>& registry) {
    ordered_json alternatives = ordered_json::array();
    for (const Kind& kind : registry.entries()) {
      ordered_json alternative = object(with_kind_keys(common, word, {kind.name}, kind.keys));
      alternative["description"] = kind.summary;
      alternative["properties"][word] = {{"const", kind.name}};
      alternatives.push_back(std::move(alternative));
    }
    return {{"description", common.help}, {"oneOf", std::move(alternatives)}};
  }

  // On requests, and on proxies: the key `proxy`, which only the latter have, tells them apart.
  ordered_json faults() {
    ordered_json all = one_of(fault_spec(), "kind", registries_.faults);
    const ordered_json on_proxies =
        one_of(proxy_fault_spec(), "kind", registries_.proxy_faults)["oneOf"];
    for (const ordered_json& alternative : on_proxies) {
      all["oneOf"].push_back(alternative);
    }
    return all;
  }

  ordered_json table(const TableSpec& spec) {
    if (&spec == &arrivals_spec()) {
      return one_of(spec, "process", registries_.arrivals);
    }
    if (&spec == &fault_spec()) {
      return faults();
    }
    if (&spec == &action_spec()) {
      return one_of(spec, "kind", registries_.actions);
    }
    if (&spec == &oracle_spec()) {
      return one_of(spec, "kind", registries_.oracles);
    }
    if (&spec == &vars_spec()) {
      return {{"type", "object"},
              {"description", spec.help},
              {"additionalProperties", {{"type", {"string", "number", "boolean"}}}}};
    }
    if (&spec == &detector_spec()) {
      ordered_json detectors = {
          {"type", "object"}, {"description", spec.help}, {"additionalProperties", false}};
      for (const model::DetectorKind& kind : registries_.detectors.entries()) {
        if (kind.settings != nullptr) {
          detectors["properties"][std::string(kind.name)] = object(*kind.settings);
        }
      }
      return detectors;
    }
    if (&spec == &step_spec()) {
      return {{"$ref", "#/$defs/step"}};
    }
    return object(spec);
  }

  ordered_json distribution() {
    ordered_json alternatives = ordered_json::array();
    alternatives.push_back(quantity(kDuration));
    for (const TableSpec& spec : expr::distribution_specs()) {
      ordered_json alternative = object(spec);
      alternative["properties"]["distribution"] = {{"const", word_of(spec)}};
      alternatives.push_back(std::move(alternative));
    }
    return {{"anyOf", std::move(alternatives)}};
  }

  ordered_json strings(const KeySpec& key) {
    ordered_json item = {{"type", "string"}};
    if (!key.choices.empty()) {
      item = {{"anyOf", {ordered_json{{"enum", key.choices}}, placeholder()}}};
    }
    return item;
  }

  ordered_json users(const TableSpec& stage) {
    ordered_json alternatives = or_placeholder("integer")["anyOf"];
    alternatives.push_back(object(stage));
    alternatives.push_back({{"type", "array"}, {"items", object(stage)}, {"minItems", 1}});
    return {{"anyOf", std::move(alternatives)}};
  }

  ordered_json shape(const KeySpec& key) {
    switch (key.type) {
      case ValueType::kString:
      case ValueType::kTemplate:
        return strings(key);
      case ValueType::kInteger:
        return or_placeholder("integer");
      case ValueType::kCountRange:
        return {{"anyOf",
                 {ordered_json{{"type", "integer"}, {"minimum", 0}},
                  quantity(R"(^[0-9]+(\.\.[0-9]+)?$)")}}};
      case ValueType::kNumber:
        return or_placeholder("number");
      case ValueType::kBoolean:
        return or_placeholder("boolean");
      case ValueType::kDuration:
        return quantity(kDuration);
      case ValueType::kRate:
        return quantity(R"(^[0-9]+(\.[0-9]*)?[kM]?/[smh]$)");
      case ValueType::kShare:
        return quantity(R"(^[0-9]+(\.[0-9]*)?%?$)");
      case ValueType::kBytes:
        return quantity(R"(^[0-9]+(\.[0-9]*)?([KMG]i?)?B?$)");
      case ValueType::kDistribution:
        return distribution();
      case ValueType::kWindow:
        return {
            {"type", "array"}, {"items", quantity(kDuration)}, {"minItems", 2}, {"maxItems", 2}};
      case ValueType::kStringList:
        return {{"type", "array"}, {"items", strings(key)}};
      case ValueType::kTemplateMap:
        return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
      case ValueType::kJson:
        return ordered_json::object();
      case ValueType::kTable:
        return table(*key.table);
      case ValueType::kTableList:
        return {{"type", "array"}, {"items", table(*key.table)}};
      case ValueType::kUsers:
        return users(*key.table);
    }
    SQUALL_CHECK(false);
  }

  ordered_json value(const KeySpec& key) {
    ordered_json result = shape(key);
    result["description"] = key.help;
    if (!key.default_value.empty()) {
      result["default"] = default_of(key);
    }
    return result;
  }

  // Defaults stand in the key table as TOML without quotes; numbers and booleans are JSON as they
  // are.
  static ordered_json default_of(const KeySpec& key) {
    const bool bare = key.type == ValueType::kInteger || key.type == ValueType::kNumber ||
                      key.type == ValueType::kBoolean || key.type == ValueType::kStringList;
    if (bare) {
      ordered_json parsed = ordered_json::parse(key.default_value, nullptr, false);
      if (!parsed.is_discarded()) {
        return parsed;
      }
    }
    return key.default_value;
  }

  const Registries& registries_;
};

}  // namespace

std::string schema(const Registries& registries) {
  return Writer(registries).document().dump(2) + "\n";
}

}  // namespace squall::plan
