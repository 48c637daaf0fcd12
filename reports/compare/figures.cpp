#include "reports/compare/figures.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/selection.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;

StepFigures step_figures(const RunRecord& record, const std::string& step,
                         model::Exposure exposure) {
  const model::CellFilter filter{.step = step, .exposure = exposure};
  const model::OperationCounts counts = model::count_operations(record, filter);
  StepFigures figures{.step = step, .exposure = exposure, .percentiles = {}};
  figures.operations = counts.total();
  figures.errors = figures.operations -
                   counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
  const stats::Histogram response = model::response_of_operations(record, filter);
  for (std::size_t i = 0; i < kPercentiles; ++i) {
    if (const auto value =
            stats::percentile_with_interval(response, model::kComparedPercentiles[i])) {
      figures.percentiles[i] = static_cast<double>(value->value);
    }
  }
  return figures;
}

RateFigures rate_figures(const RunRecord& record, const std::string& step) {
  const model::OperationCounts counts =
      model::count_operations(record, {.step = step, .exposure = {}});
  RateFigures figures{.step = step, .closed = is_closed(record, step)};
  figures.offered = counts.total();
  figures.done = figures.offered - std::min(counts.dropped, figures.offered);
  const double seconds = to_seconds(record.measured_duration);
  figures.per_second = seconds > 0 ? static_cast<double>(figures.done) / seconds : 0;
  return figures;
}

void read_effects(const RunRecord& record, RunFigures& figures) {
  figures.effects_counted = record.effects.counted;
  std::uint64_t undecided = 0;
  for (const model::EffectCounts& counts : record.effects.steps) {
    const auto of = [&](model::EffectVerdict verdict) {
      return counts.verdicts[static_cast<std::size_t>(verdict)];
    };
    undecided += of(model::EffectVerdict::kUndecided);
    figures.effects.push_back({.step = counts.step,
                               .operations = counts.operations,
                               .duplicates = of(model::EffectVerdict::kDuplicate),
                               .lost = of(model::EffectVerdict::kLost),
                               .phantoms = of(model::EffectVerdict::kPhantom)});
  }
  if (undecided > 0) {
    figures.void_effects = fmt::format("the effects of {} operations are not known", undecided);
  }
}

// What a run says that was refused before its load, or whose target was never called.
std::string why_empty(const RunRecord& record) {
  return record.reasons.empty() ? "empty: nothing was measured"
                                : fmt::format("empty: {}", printable(record.reasons.front(), 300));
}

}  // namespace

bool is_closed(const RunRecord& record, const std::string& step) {
  return std::any_of(record.scenarios.begin(), record.scenarios.end(),
                     [&](const model::RecordedScenario& scenario) {
                       return scenario.load_model == model::LoadModel::kClosed &&
                              model::selects_step(scenario.name, step);
                     });
}

RunFigures figures_of(const RunRecord& record) {
  RunFigures figures;
  for (const model::RecordedStep& step : record.steps) {
    for (const model::Exposure exposure : {model::Exposure::kClean, model::Exposure::kFaulted}) {
      StepFigures one = step_figures(record, step.name, exposure);
      if (one.operations > 0) {
        figures.steps.push_back(std::move(one));
      }
    }
    RateFigures rate = rate_figures(record, step.name);
    if (rate.offered > 0) {
      figures.rates.push_back(std::move(rate));
    }
  }
  read_effects(record, figures);
  for (const model::Breach& breach : record.breaches) {
    std::string& why = breach.voids_effects ? figures.void_effects : figures.void_latency;
    if (why.empty()) {
      why = fmt::format("invalid from {:.0f}s on: {}", breach.from_second,
                        printable(breach.reason, 300));
    }
  }
  if (figures.steps.empty() && figures.void_latency.empty()) {
    figures.void_latency = why_empty(record);
  }
  return figures;
}

}  // namespace squall::reports
