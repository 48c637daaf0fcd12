#include "loadgen/plan/lookup.hpp"

namespace squall::plan {

std::uint16_t read_target_name(expr::TableReader& reader, Build& build, std::uint16_t otherwise) {
  if (!reader.has("target")) {
    return otherwise;
  }
  const std::string name = reader.string("target");
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < build.plan.targets.size(); ++i) {
    if (build.plan.targets[i].name == name) {
      return static_cast<std::uint16_t>(i);
    }
    known.emplace_back(build.plan.targets[i].name);
  }
  reader.error("target", unknown_name("target", name, known));
  return otherwise;
}

std::vector<std::uint16_t> steps_named(const model::Plan& plan, std::string_view name) {
  std::vector<std::uint16_t> found;
  for (const model::Step& step : plan.steps) {
    if (step.full_name == name || plan.scenarios[step.scenario].name == name) {
      found.push_back(step.index);
    }
  }
  return found;
}

std::vector<std::string_view> step_names(const model::Plan& plan) {
  std::vector<std::string_view> names;
  for (const model::Step& step : plan.steps) {
    names.emplace_back(step.full_name);
  }
  for (const model::Scenario& scenario : plan.scenarios) {
    names.emplace_back(scenario.name);
  }
  return names;
}

}  // namespace squall::plan
