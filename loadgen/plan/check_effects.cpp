#include "loadgen/plan/cross_checks.hpp"

#include <algorithm>

namespace squall::plan {

namespace {

// The first oracle decides.
void check_total_first(Build& build, const model::OracleSpec& first) {
  const auto& oracles = build.plan.effects.oracles;
  const bool others_know_keys = std::any_of(
      oracles.begin(), oracles.end(),
      [](const model::OracleSpec& other) { return !other.oracle->counts_total_only(); });
  if (others_know_keys) {
    build.diagnostics.error(first.where,
                            "the first oracle decides, and this one knows only how many effects "
                            "there were in all: put one that counts by key before it");
  } else if (build.plan.idempotency == nullptr) {
    build.diagnostics.warning(first.where,
                              "this oracle knows only how many effects there were in all: sums "
                              "that cannot be right are told, but no operation is decided");
  }
}

}  // namespace

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
  if (first.oracle->counts_total_only()) {
    check_total_first(build, first);
  }
  if (!plan.counts_effects() && plan.idempotency == nullptr) {
    build.diagnostics.warning(first.where,
                              "this oracle has nothing to count: no step has `effect`");
  }
}

}  // namespace squall::plan
