#include "reports/compare/compare_runs.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "reports/compare/comparable.hpp"
#include "reports/compare/figures.hpp"
#include "reports/compare/metric.hpp"
#include "reports/compare/percentile_estimate.hpp"

namespace squall::reports {
namespace {

using model::ComparisonScale;
using model::RunRecord;

// One side of a comparison.
struct Side {
  const RunRecord& record;
  RunFigures figures;
};

std::uint16_t index_of(const RunRecord& record, const std::string& step) {
  const auto found = std::find_if(record.steps.begin(), record.steps.end(),
                                  [&](const model::RecordedStep& one) { return one.name == step; });
  return static_cast<std::uint16_t>(found - record.steps.begin());
}

// Hits among trials of each second of the measured phase, all steps together.
template <class Hits, class Trials>
ClusteredRatio by_second(const RunRecord& record, Hits hits, Trials trials) {
  std::vector<Cluster> seconds;
  for (const model::SecondSummary& second : record.seconds) {
    if (const auto at = measured_at(record, second)) {
      seconds.push_back({static_cast<double>(hits(second)), static_cast<double>(trials(second)),
                         static_cast<std::size_t>(record.phase_bounds.phase_at(*at))});
    }
  }
  return clustered_ratio(in_batches(seconds));
}

// A share of one step with the scatter that the seconds of the whole run have: no second knows its
// steps' outcomes apart.
ClusteredRatio share_of_step(std::uint64_t hits, std::uint64_t trials,
                             const ClusteredRatio& whole) {
  ClusteredRatio share;
  share.below = static_cast<double>(trials);
  share.ratio = static_cast<double>(hits) / share.below;
  share.variance = share.ratio * (1 - share.ratio) / share.below * design_effect(whole);
  share.freedom = whole.freedom;
  return share;
}

ClusteredRatio error_share(const Side& side, const StepFigures& figures) {
  return share_of_step(figures.errors, figures.operations,
                       by_second(
                           side.record, [](const auto& second) { return second.not_acked; },
                           [](const auto& second) { return second.acked + second.not_acked; }));
}

ClusteredRatio achieved_share(const Side& side, const RateFigures& figures) {
  return share_of_step(figures.done, figures.offered,
                       by_second(
                           side.record,
                           [](const auto& second) {
                             return second.counters.due -
                                    std::min(second.counters.dropped, second.counters.due);
                           },
                           [](const auto& second) { return second.counters.due; }));
}

// Where no second says what it had, as in records of an older squall, without limits.
Estimate log_rate(const Side& side, const RateFigures& figures) {
  const std::uint16_t index = index_of(side.record, figures.step);
  Estimate rate = log_rate_estimate(by_second(
      side.record,
      [&](const auto& second) {
        double operations = 0;
        for (const model::ResponseCells& cells : second.cells) {
          operations += cells.step == index ? operations_in(cells) : 0;
        }
        return operations;
      },
      [](const auto&) { return 1; }));
  if (!std::isfinite(rate.value)) {
    rate.value = std::log(figures.per_second);
  }
  return rate;
}

class TwoRuns {
 public:
  TwoRuns(const Side& base, const Side& candidate, const model::ComparisonSettings& settings)
      : base_(base), candidate_(candidate), settings_(settings) {}

  std::vector<Candidate> candidates(bool with_latency) {
    for (const StepFigures& one : base_.figures.steps) {
      for (const StepFigures& other : candidate_.figures.steps) {
        if (one.step == other.step && one.exposure == other.exposure) {
          add_step(one, other, with_latency);
        }
      }
    }
    for (const RateFigures& one : base_.figures.rates) {
      for (const RateFigures& other : candidate_.figures.rates) {
        if (with_latency && one.step == other.step && settings_.wants("rate")) {
          add_rate(one, other);
        }
      }
    }
    return std::move(candidates_);
  }

 private:
  void add_step(const StepFigures& one, const StepFigures& other, bool with_latency) {
    for (std::size_t i = 0; with_latency && i < kPercentiles; ++i) {
      const std::string name = fmt::format("response p{:g}", model::kComparedPercentiles[i]);
      if (one.percentiles[i] && other.percentiles[i] && settings_.wants(name)) {
        add_percentile(name, i, one, other);
      }
    }
    if (settings_.wants("error_rate")) {
      Candidate errors;
      errors.metric = named("error_rate", one, ComparisonScale::kPoints);
      errors.metric.tolerance = settings_.error_rate;
      add(std::move(errors), error_share(base_, one), error_share(candidate_, other));
    }
  }

  void add_percentile(const std::string& name, std::size_t percentile, const StepFigures& one,
                      const StepFigures& other) {
    Candidate response;
    response.metric = named(name, one, ComparisonScale::kRatio);
    response.metric.base = *one.percentiles[percentile];
    response.metric.candidate = *other.percentiles[percentile];
    response.metric.tolerance = response_tolerance(settings_, percentile, response.metric.base);
    const double at = model::kComparedPercentiles[percentile];
    const auto of = [&](const Side& side) {
      return log_percentile(
          response_sample(side.record, index_of(side.record, one.step), one.exposure), at);
    };
    response.difference = difference_of(of(base_), of(candidate_));
    candidates_.push_back(std::move(response));
  }

  void add_rate(const RateFigures& one, const RateFigures& other) {
    Candidate rate;
    rate.more_is_better = true;
    rate.metric.step = one.step;
    rate.metric.tolerance = settings_.rate;
    if (!one.closed) {
      rate.metric.metric = "achieved";
      rate.metric.scale = ComparisonScale::kPoints;
      add(std::move(rate), achieved_share(base_, one), achieved_share(candidate_, other));
    } else if (one.per_second > 0 && other.per_second > 0) {
      rate.metric.metric = "rate";
      rate.metric.base = one.per_second;
      rate.metric.candidate = other.per_second;
      rate.difference = difference_of(log_rate(base_, one), log_rate(candidate_, other));
      candidates_.push_back(std::move(rate));
    }
  }

  // Of two shares.
  void add(Candidate candidate, const ClusteredRatio& base, const ClusteredRatio& other) {
    candidate.metric.base = base.ratio;
    candidate.metric.candidate = other.ratio;
    candidate.difference = share_difference(base, other);
    candidate.untestable = base.ratio == other.ratio && (base.ratio == 0 || base.ratio == 1);
    candidates_.push_back(std::move(candidate));
  }

  static model::MetricComparison named(const std::string& metric, const StepFigures& figures,
                                       ComparisonScale scale) {
    model::MetricComparison named;
    named.metric = metric;
    named.step = figures.step;
    named.exposure = model::to_string(figures.exposure);
    named.scale = scale;
    return named;
  }

  const Side& base_;
  const Side& candidate_;
  const model::ComparisonSettings& settings_;
  std::vector<Candidate> candidates_;
};

// What keeps figures out of the comparison; whether anything did.
bool note_voids(std::string_view side, const RunFigures& figures, bool effects,
                std::vector<std::string>& notes) {
  const std::string& latency = figures.void_latency;
  if (!latency.empty()) {
    notes.push_back(fmt::format(
        "response and rate are not compared: the measurement of the {} is {}", side, latency));
  }
  const bool void_effects = effects && !figures.void_effects.empty();
  if (void_effects) {
    notes.push_back(
        fmt::format("effects are not compared: of the {}, {}", side, figures.void_effects));
  }
  return !latency.empty() || void_effects;
}

bool has_cells(const RunRecord& record) {
  return std::any_of(record.seconds.begin(), record.seconds.end(),
                     [](const auto& second) { return !second.cells.empty(); });
}

void note_limits(const RunRecord& record, std::string_view side, std::vector<std::string>& notes) {
  if (!record.complete) {
    notes.push_back(fmt::format("the {} is what is left of a run that was killed", side));
  } else if (record.interrupted) {
    notes.push_back(fmt::format("the {} was stopped by a signal", side));
  }
  if (!has_cells(record)) {
    notes.push_back(fmt::format(
        "the {} does not say how its seconds differed (an older squall wrote it, or it measured "
        "nothing): its responses have no interval",
        side));
  }
}

}  // namespace

model::ComparisonReport compare_runs(const RunRecord& base, const RunRecord& candidate,
                                     const model::ComparisonSettings& settings,
                                     const SideNames& names) {
  const Side one{base, figures_of(base)};
  const Side other{candidate, figures_of(candidate)};
  model::ComparisonReport report;
  report.base = names.base;
  report.candidate = names.candidate;
  const bool effects =
      settings.wants("effects") && one.figures.effects_counted && other.figures.effects_counted;
  const bool void_base = note_voids("base", one.figures, effects, report.notes);
  const bool void_candidate = note_voids("candidate", other.figures, effects, report.notes);
  const bool with_latency = one.figures.void_latency.empty() && other.figures.void_latency.empty();
  const bool with_effects =
      effects && one.figures.void_effects.empty() && other.figures.void_effects.empty();

  std::vector<Candidate> candidates = TwoRuns(one, other, settings).candidates(with_latency);
  EffectMetrics counts =
      with_effects ? effect_metrics(one.figures.effects, other.figures.effects) : EffectMetrics();
  std::move(counts.candidates.begin(), counts.candidates.end(), std::back_inserter(candidates));
  report.metrics = judged(std::move(candidates));
  std::move(counts.decided.begin(), counts.decided.end(), std::back_inserter(report.metrics));
  report.verdict = overall(report.metrics, void_base || void_candidate ? Completeness::kIncomplete
                                                                       : Completeness::kComplete);
  note_limits(base, "base", report.notes);
  note_limits(candidate, "candidate", report.notes);
  for (std::string& note : other_differences(base, candidate)) {
    report.notes.push_back("not the same on both sides: " + std::move(note));
  }
  report.notes.emplace_back(
      "one run each: runs of the same thing also differ from each other, by more than these "
      "intervals know; `squall ab` measures that and takes it into account");
  return report;
}

}  // namespace squall::reports
