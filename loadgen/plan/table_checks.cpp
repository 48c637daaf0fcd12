// [checks]
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/tables.hpp"

#include <algorithm>

namespace squall::plan {
namespace {

using expr::ValueType;

using Conditions = std::vector<std::pair<expr::Condition, SourceRef>>;

Conditions read_conditions(expr::TableReader& reader, std::string_view key, const Build& build) {
  Conditions conditions;
  for (const expr::LocatedText& text : reader.string_list(key)) {
    auto condition = expr::parse_condition(text.text);
    if (condition) {
      conditions.emplace_back(std::move(*condition), text.where);
      continue;
    }
    const auto& at = condition.error().where;
    build.diagnostics.error(build.text.inside(text, at ? at->column : 1),
                            condition.error().message);
  }
  return conditions;
}

}  // namespace

const expr::TableSpec& checks_spec() {
  static const expr::TableSpec spec{
      .name = "checks",
      .help = "What makes the run pass. The language of conditions stands below.",
      .keys = {
          {.name = "require",
           .type = ValueType::kStringList,
           .help =
               "Conditions that must hold at the end. One about effects that fails is exit code "
               "5, another one exit code 1.",
           .example = "[\"buy.charge response p99 < 250ms\", \"duplicate_effects == 0\"]"},
          {.name = "findings",
           .type = ValueType::kStringList,
           .help = "Detectors that must stay silent; the others only warn.",
           .example = "[\"double-charge\"]"},
          {.name = "abort_when",
           .type = ValueType::kStringList,
           .help = "Conditions that end the run early when they hold. What was measured until then "
                   "is judged.",
           .example = "[\"error_rate > 50% for 5s\"]"},
      }};
  return spec;
}

void read_checks(const expr::Value& table, Build& build) {
  expr::TableReader reader(table, checks_spec(), build.scope, build.diagnostics);
  model::Checks& checks = build.plan.checks;
  checks.require = read_conditions(reader, "require", build);
  checks.abort_when = read_conditions(reader, "abort_when", build);
  for (const expr::LocatedText& name : reader.string_list("findings")) {
    const bool twice = std::any_of(checks.findings.begin(), checks.findings.end(),
                                   [&](const auto& other) { return other.first == name.text; });
    if (twice) {
      build.diagnostics.error(name.where, "\"" + name.text + "\" stands here twice");
    } else if (build.registries.detectors.find(name.text) == nullptr) {
      build.diagnostics.error(
          name.where, unknown_name("detector", name.text, build.registries.detectors.names()));
    } else {
      checks.findings.emplace_back(name.text, name.where);
    }
  }
}

}  // namespace squall::plan
