// [[scenario]] and its arrivals.
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/kinds.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/tables.hpp"

#include <fmt/core.h>

#include "loadgen/expr/condition.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

// "poisson 200/s": the process and its keys as written, names filled in.
std::string describe_arrivals(const expr::Value& table, const expr::Scope& scope) {
  std::string text = peek_string(table, "process", scope);
  const expr::Table* entries = table.as_table();
  if (entries == nullptr) {
    return text;
  }
  for (const expr::Entry& entry : *entries) {
    const std::string value = peek_string(table, entry.key, scope);
    if (entry.key != "process" && !value.empty()) {
      text += entry.key == "rate" ? " " + value : fmt::format(" {}={}", entry.key, value);
    }
  }
  return text;
}

void read_arrivals(const expr::Value& table, model::Scenario& scenario, Build& build) {
  const auto kind =
      resolve_kind(table, arrivals_spec(), "process", build.registries.arrivals, build.scope);
  expr::TableReader reader(kind.table, kind.spec, build.scope, build.diagnostics);
  if (kind.kind != nullptr) {
    scenario.arrivals = kind.kind->compile(reader);
    scenario.arrivals_text = describe_arrivals(table, build.scope);
  }
}

// A check about a scenario of that name would be read as something else.
void check_not_a_word(expr::TableReader& reader, const std::string& name) {
  if (expr::is_condition_word(name)) {
    reader.error("name",
                 fmt::format("\"{}\" is a word of the language of checks, so no check could "
                             "name this scenario; choose another",
                             name));
  }
}

model::Scenario read_head(expr::TableReader& reader, NameSet& names) {
  model::Scenario scenario;
  scenario.name = reader.string("name");
  if (reader.has("name")) {
    names.add(scenario.name, reader.where("name"));
    if (is_plain_name(scenario.name)) {
      check_not_a_word(reader, scenario.name);
    }
  }
  return scenario;
}

}  // namespace

const expr::TableSpec& arrivals_spec() {
  static const expr::TableSpec spec{
      .name = "scenario.arrivals",
      .help =
          "Where intended starts come from. They never wait for answers: a slow target gets the "
          "same traffic as a fast one. What a process says about time counts from t = 0; in the "
          "warm-up before it the rate is the one that the process begins with. The k-th arrival of "
          "a rate that changes is due where the integral of the rate reaches k, so the number of "
          "arrivals is exact and does not depend on the number of threads.",
      .keys = {
          {.name = "process",
           .type = ValueType::kString,
           .help = "Which process; each has keys of its own.",
           .required = true,
           .example = "\"poisson\""},
      }};
  return spec;
}

const expr::TableSpec& scenario_spec() {
  static const expr::TableSpec spec{
      .name = "scenario",
      .help = "One workload: arrivals, and the steps that each of them goes through in order.",
      .keys = {
          {.name = "name",
           .type = ValueType::kString,
           .help = "First half of its steps' full names, `buy.charge`.",
           .required = true,
           .example = "\"buy\""},
          {.name = "arrivals",
           .type = ValueType::kTable,
           .help = "When operations are due.",
           .required = true,
           .table = &arrivals_spec(),
           .example = "{ process = \"poisson\", rate = \"200/s\" }"},
          {.name = "target",
           .type = ValueType::kString,
           .help = "Name of its target; the first one unless given.",
           .example = "\"shop\""},
          {.name = "step",
           .type = ValueType::kTableList,
           .help = "Its requests, one after the other. A step that does not succeed ends the "
                   "iteration.",
           .required = true,
           .table = &step_spec()},
      }};
  return spec;
}

void read_scenarios(const std::vector<const expr::Value*>& tables, Build& build) {
  NameSet names("scenario", build.diagnostics);
  const std::size_t count =
      bounded(tables.size(), kMaxScenarios, "scenario", tables, build.diagnostics);
  for (std::size_t i = 0; i < count; ++i) {
    expr::TableReader reader(*tables[i], scenario_spec(), build.scope, build.diagnostics);
    model::Scenario scenario = read_head(reader, names);
    scenario.index = static_cast<std::uint16_t>(i);
    for (const expr::Value* arrivals : reader.tables("arrivals")) {
      read_arrivals(*arrivals, scenario, build);
    }
    const std::uint16_t target = read_target_name(reader, build, 0);
    NameSet step_names("step", build.diagnostics);
    const std::vector<const expr::Value*> steps = reader.tables("step");
    const std::size_t step_count = bounded(steps.size(), kMaxSteps - build.plan.steps.size(),
                                           "step", steps, build.diagnostics);
    for (std::size_t s = 0; s < step_count; ++s) {
      read_step(*steps[s], {scenario, step_names, target}, build);
    }
    if (reader.has("step") && steps.empty()) {
      reader.error("step", "a scenario needs at least one [[scenario.step]]");
    }
    build.plan.scenarios.push_back(std::move(scenario));
  }
}

}  // namespace squall::plan
