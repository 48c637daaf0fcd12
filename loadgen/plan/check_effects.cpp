#include "loadgen/plan/cross_checks.hpp"

namespace squall::plan {

void check_effects(Build& build) {
  const model::Plan& plan = build.plan;
  // A step or oracle that could not be read is not missing.
  if (build.diagnostics.has_errors()) {
    return;
  }
  if (plan.effects.oracles.empty()) {
    for (const model::Step& step : plan.steps) {
      if (step.is_effect) {
        build.diagnostics.warning(
            build.effect_places[step.index],
            "nobody counts these effects: the plan has no [[effects.oracle]]");
      }
    }
    return;
  }
  const model::OracleSpec& first = plan.effects.oracles.front();
  if (first.oracle->counts_total_only() && plan.idempotency == nullptr) {
    build.diagnostics.warning(
        first.where,
        "this oracle knows only how many effects there were in all, so no operation "
        "can be judged: put one that counts by key before it");
  }
  if (!plan.counts_effects() && plan.idempotency == nullptr) {
    build.diagnostics.warning(first.where,
                              "this oracle has nothing to count: no step has `effect`");
  }
}

}  // namespace squall::plan
