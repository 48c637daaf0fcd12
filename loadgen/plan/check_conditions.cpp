#include "loadgen/plan/cross_checks.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "loadgen/model/second_value.hpp"
#include "loadgen/plan/lookup.hpp"

namespace squall::plan {
namespace {

using Located = std::pair<expr::Condition, SourceRef>;

// The steps a condition is about; reports a name that nothing has.
std::vector<std::uint16_t> steps_of(const Located& located, Build& build) {
  const auto& [condition, where] = located;
  if (condition.step.empty()) {
    std::vector<std::uint16_t> all;
    for (const model::Step& step : build.plan.steps) {
      all.push_back(step.index);
    }
    return all;
  }
  std::vector<std::uint16_t> steps = steps_named(build.plan, condition.step);
  if (steps.empty()) {
    build.diagnostics.error(
        where, unknown_name("scenario or step", condition.step, step_names(build.plan)));
  }
  return steps;
}

void check_effect_condition(const Located& located, const std::vector<std::uint16_t>& steps,
                            Build& build) {
  const model::Plan& plan = build.plan;
  const auto& [condition, where] = located;
  const bool counts = std::any_of(steps.begin(), steps.end(),
                                  [&](std::uint16_t step) { return plan.steps[step].is_effect; });
  if (!counts) {
    build.diagnostics.error(
        where,
        fmt::format("\"{}\" is about effects, but {}; write for example effect = \"{{{{key}}}}\" "
                    "into the step that asks for them",
                    condition.source,
                    condition.step.empty() ? "no step has `effect`"
                                           : fmt::format("{} has no `effect`", condition.step)));
  } else if (plan.effects.oracles.empty() && build.oracles_complete) {
    build.diagnostics.error(where,
                            fmt::format("\"{}\" is about effects, but nobody counts them: add an "
                                        "[[effects.oracle]]",
                                        condition.source));
  }
}

void check_exposure(const Located& located, const std::vector<std::uint16_t>& steps, Build& build) {
  const auto& [condition, where] = located;
  if (condition.exposure != expr::ExposureSelector::kFaulted) {
    return;
  }
  const bool touched = std::any_of(
      build.plan.faults.begin(), build.plan.faults.end(), [&](const model::PlannedFault& fault) {
        return std::any_of(steps.begin(), steps.end(), [&](std::uint16_t step) {
          return std::binary_search(fault.selection.steps.begin(), fault.selection.steps.end(),
                                    step);
        });
      });
  if (!touched && build.faults_complete) {
    build.diagnostics.error(where,
                            fmt::format("\"{}\" is about faulted operations, but no [[fault]] "
                                        "touches them",
                                        condition.source));
  }
}

// A phase that the plan's faults leave no room for has no samples, ever.
void check_phase(const Located& located, Build& build) {
  const auto& [condition, where] = located;
  const model::PhaseBounds& bounds = build.plan.phases;
  const Duration duration = build.plan.load.duration;
  const bool recovers = condition.metric == expr::Metric::kTimeToRecover;
  const bool baseline = condition.phase == expr::PhaseSelector::kBaseline || recovers;
  const bool recovery = condition.phase == expr::PhaseSelector::kRecovery || recovers;
  const bool fault = condition.phase == expr::PhaseSelector::kFault;
  if ((!baseline && !recovery && !fault) || !build.faults_complete || duration <= Duration{}) {
    return;
  }
  std::string_view why;
  if (!bounds.split) {
    why = "the plan has no [[fault]] or action that would split the measured phase";
  } else if (baseline && bounds.length_of(model::Phase::kBaseline, duration) <= Duration{}) {
    why =
        "the first fault or action begins with the measured phase, which leaves no baseline; let "
        "it begin later (`window` of a fault, `at` of an action)";
  } else if (recovery && bounds.length_of(model::Phase::kRecovery, duration) <= Duration{}) {
    why =
        "the last fault or action lasts to the end of the measured phase, which leaves no "
        "recovery; let it end before (`window` of a fault, `for` of an action)";
  }
  if (!why.empty()) {
    build.diagnostics.error(where,
                            fmt::format("\"{}\" never has samples: {}", condition.source, why));
  }
}

void check_condition(const Located& located, Build& build) {
  const std::vector<std::uint16_t> steps = steps_of(located, build);
  if (steps.empty()) {
    return;
  }
  const auto& [condition, where] = located;
  if (expr::is_effect_metric(condition.metric)) {
    check_effect_condition(located, steps, build);
  }
  check_exposure(located, steps, build);
  if (condition.phase == expr::PhaseSelector::kWarmup &&
      build.plan.load.warmup <= Duration::zero()) {
    build.diagnostics.error(where,
                            fmt::format("\"{}\" is about the warm-up, but the plan has none; "
                                        "write for example warmup = \"2s\" into [load]",
                                        condition.source));
  }
  check_phase(located, build);
  // No error: a shortened try of a long plan is common.
  if (condition.sustained && *condition.sustained > build.plan.load.duration) {
    build.diagnostics.warning(
        where, fmt::format("\"{}\" asks for {} in a row, which a load of {} cannot have",
                           condition.source, format_duration(*condition.sustained),
                           format_duration(build.plan.load.duration)));
  }
}

// A condition that no second can decide would never hold, and nobody would notice.
void check_by_second(const Located& located, Build& build) {
  std::vector<std::string> steps;
  for (const model::Step& step : build.plan.steps) {
    steps.push_back(step.full_name);
  }
  const auto& [condition, where] = located;
  if (const auto why = model::why_not_by_second(condition, steps)) {
    build.diagnostics.error(
        where, fmt::format("\"{}\" is judged second by second, but {}", condition.source, *why));
  }
}

void check_findings(Build& build) {
  const model::Plan& plan = build.plan;
  for (const auto& [name, where] : plan.checks.findings) {
    const model::DetectorKind* detector = build.registries.detectors.find(name);
    const bool has_oracle = !plan.effects.oracles.empty() || !build.oracles_complete;
    const bool counted = plan.counts_effects() && has_oracle;
    if (detector != nullptr && detector->needs_effects && !counted) {
      build.diagnostics.error(where, fmt::format("detector \"{}\" could never speak: it needs {}",
                                                 name, detector->needs));
    }
  }
}

}  // namespace

void check_conditions(Build& build) {
  for (const Located& located : build.plan.checks.require) {
    check_condition(located, build);
    if (located.first.sustained && !expr::is_effect_metric(located.first.metric)) {
      check_by_second(located, build);
    }
  }
  for (const Located& located : build.plan.checks.abort_when) {
    if (expr::is_effect_metric(located.first.metric)) {
      build.diagnostics.error(
          located.second,
          fmt::format("\"{}\" cannot end the run early: effects are counted when the "
                      "load is over; put it into `require`",
                      located.first.source));
    } else {
      check_condition(located, build);
      check_by_second(located, build);
    }
  }
  check_findings(build);
}

}  // namespace squall::plan
