#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "loadgen/expr/expectation_text.hpp"
#include "loadgen/model/load_model.hpp"
#include "loadgen/plan/cross_checks.hpp"
#include "loadgen/plan/estimate.hpp"

namespace squall::plan {
namespace {

using UniqueFeeders = std::vector<std::shared_ptr<const expr::Feeder>>;

void add_feeders(const expr::Template& text, UniqueFeeders& all) {
  const auto used = text.unique_feeders();
  all.insert(all.end(), used.begin(), used.end());
}

// Those that some step of the scenario uses, each once.
UniqueFeeders feeders_of(const model::Plan& plan, const model::Scenario& scenario) {
  UniqueFeeders all;
  for (const std::uint16_t index : scenario.steps) {
    const model::Step& step = plan.steps[index];
    add_feeders(step.request.path, all);
    add_feeders(step.effect_key, all);
    if (step.request.body) {
      add_feeders(*step.request.body, all);
    }
    for (const expr::Expectation& expectation : step.expect) {
      const auto filled = expr::expected_text(expectation, {scenario.extracted, &plan.feeders});
      if (filled && *filled) {
        add_feeders((*filled)->text, all);
      }
    }
    for (const model::Header& header : step.request.headers) {
      add_feeders(header.second, all);
    }
    for (const model::Header& header : plan.targets[step.target].headers) {
      add_feeders(header.second, all);
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

SourceRef place_of(const expr::Feeder& feeder, const Build& build) {
  const auto& all = build.plan.feeders.all();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.get() == &feeder; });
  return build.feeder_places[static_cast<std::size_t>(at - all.begin())];
}

// How many arrivals have a row of their own: the preflight has one too.
std::uint64_t rows_for_arrivals(const model::Plan& plan, const expr::Feeder& feeder) {
  return feeder.rows().size() - (plan.preflight ? 1 : 0);
}

void check_count(const model::Scenario& scenario, const expr::Feeder& feeder, Build& build) {
  const double expected = expected_iterations(build.plan, scenario).value_or(0);
  const bool closed = model::load_model_of(build.plan, scenario) == model::LoadModel::kClosed;
  const std::uint64_t rows = rows_for_arrivals(build.plan, feeder);
  if (expected <= static_cast<double>(rows)) {
    return;
  }
  build.diagnostics.error(
      place_of(feeder, build),
      fmt::format(
          "feeder \"{}\" is unique and has {} rows{}, but scenario {} {} {:.0f} {}: give it more "
          "rows, or an order that uses a row again",
          feeder.name(), feeder.rows().size(),
          build.plan.preflight ? " (the preflight takes one)" : "", scenario.name,
          closed ? "asks for" : "will have about", expected, closed ? "iterations" : "arrivals"));
}

}  // namespace

void check_feeders(Build& build) {
  if (build.diagnostics.has_errors()) {
    return;
  }
  std::map<const expr::Feeder*, std::string> owners;
  for (model::Scenario& scenario : build.plan.scenarios) {
    for (const auto& feeder : feeders_of(build.plan, scenario)) {
      const auto [owner, first] = owners.emplace(feeder.get(), scenario.name);
      if (!first) {
        build.diagnostics.error(
            place_of(*feeder, build),
            fmt::format("feeder \"{}\" is unique, and both {} and {} use it: each counts its own "
                        "arrivals, so they would take the same rows; give each a feeder of its own",
                        feeder->name(), owner->second, scenario.name));
      }
      check_count(scenario, *feeder, build);
      const std::uint64_t rows = rows_for_arrivals(build.plan, *feeder);
      if (rows < scenario.arrivals_with_rows) {
        scenario.arrivals_with_rows = rows;
        scenario.shortest_feeder = feeder->name();
      }
    }
  }
}

}  // namespace squall::plan
