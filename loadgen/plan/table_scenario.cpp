// [[scenario]].
#include "loadgen/plan/flow_reader.hpp"
#include "loadgen/plan/key_tables.hpp"
#include "loadgen/plan/lookup.hpp"
#include "loadgen/plan/tables.hpp"
#include "loadgen/plan/traffic.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/expr/condition.hpp"

namespace squall::plan {
namespace {

using expr::ValueType;

constexpr std::int64_t kMaxWeight = 1'000'000;

// A check about a scenario of that name would be read as something else.
void check_not_a_word(expr::TableReader& reader, const std::string& name) {
  if (expr::is_condition_word(name)) {
    reader.error("name",
                 fmt::format("\"{}\" is a word of the language of checks, so no check could "
                             "name this scenario; choose another",
                             name));
  }
}

// Arrivals, users, or a weight in what [load] gives.
void read_source(const expr::Value& table, expr::TableReader& reader, model::Scenario& scenario,
                 Build& build) {
  Traffic traffic = read_traffic(table, reader, build);
  scenario.arrivals = std::move(traffic.arrivals);
  scenario.users = std::move(traffic.users);
  scenario.arrivals_text = std::move(traffic.text);
  if (!reader.has("weight")) {
    if (!traffic.given) {
      build.diagnostics.error(reader.where(),
                              "nothing says where its iterations come from; write for example "
                              "arrivals = { process = \"poisson\", rate = \"200/s\" }, users = 50, "
                              "or a weight in the arrivals or users of [load]");
    }
    return;
  }
  scenario.weight = static_cast<std::uint32_t>(reader.integer("weight", 1, kMaxWeight));
  if (traffic.given) {
    reader.error("weight",
                 "a scenario with arrivals or users of its own has no weight in those of [load]");
  } else if (!build.shared_traffic) {
    reader.error("weight",
                 "[load] has neither arrivals nor users that this weight could be a part of");
  }
  scenario.arrivals_text =
      fmt::format("weight {} in {}", scenario.weight, build.plan.load.arrivals_text);
}

// Somebody has to take what [load] gives.
void check_shared(Build& build) {
  const auto& scenarios = build.plan.scenarios;
  if (build.shared_traffic &&
      std::none_of(scenarios.begin(), scenarios.end(),
                   [](const model::Scenario& scenario) { return scenario.weight > 0; })) {
    build.diagnostics.error(*build.shared_traffic,
                            "no scenario takes a part of this: give some a weight");
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

const expr::TableSpec& scenario_spec() {
  static const expr::TableSpec spec = [] {
    expr::TableSpec result{
        .name = "scenario",
        .help =
            "One workload: where its iterations come from (`arrivals`, `users` or a `weight`), "
            "and the steps that each of them goes through in order. With arrivals and several "
            "steps it is partly open: sessions arrive whatever is answered, their steps wait "
            "for each other.",
        .keys = {{.name = "name",
                  .type = ValueType::kString,
                  .help = "First half of its steps' full names, `buy.charge`.",
                  .required = true,
                  .example = "\"buy\""}}};
    const std::vector<expr::KeySpec> traffic = traffic_keys("of this scenario");
    result.keys.insert(result.keys.end(), traffic.begin(), traffic.end());
    const std::vector<expr::KeySpec> others{
        {.name = "weight",
         .type = ValueType::kInteger,
         .help = "Instead of arrivals or users of its own: its part of those of [load], beside the "
                 "weights of other scenarios. Which arrival is whose depends on the seed alone.",
         .example = "3"},
        {.name = "target",
         .type = ValueType::kString,
         .help = "Name of its target; the first one unless given.",
         .example = "\"shop\""},
        {.name = "callers",
         .type = ValueType::kStringList,
         .help = "Callers whose turns its arrivals take, by name; all callers of the plan unless "
                 "given.",
         .example = "[\"alice\", \"bob\"]"},
        {.name = "step",
         .type = ValueType::kTableList,
         .help = "Its requests, one after the other. A step that does not succeed ends the "
                 "iteration.",
         .required = true,
         .table = &step_spec()},
    };
    result.keys.insert(result.keys.end(), others.begin(), others.end());
    return result;
  }();
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
    read_source(*tables[i], reader, scenario, build);
    const std::uint16_t target = read_target_name(reader, build, 0);
    scenario.callers = read_caller_names(reader, build);
    const std::vector<const expr::Value*> steps = reader.tables("step");
    if (!steps.empty()) {
      FlowReader(scenario, target, build).read(steps);
    } else if (reader.has("step")) {
      reader.error("step", "a scenario needs at least one [[scenario.step]]");
    }
    build.plan.scenarios.push_back(std::move(scenario));
  }
  check_shared(build);
}

}  // namespace squall::plan
