#include "reports/compare/compare_rounds.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/stats/student.hpp"
#include "reports/compare/clusters.hpp"
#include "reports/compare/metric.hpp"

namespace squall::reports {
namespace {

using model::ComparisonScale;

// A figure of one run; nothing where the run does not have it.
using Figure = std::function<std::optional<double>(const RunFigures&)>;
// Hits among trials of one run.
using ShareFigure = std::function<std::optional<Cluster>(const RunFigures&)>;

template <class Step>
const Step* figures_for(const std::vector<Step>& all, const std::string& step) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Step& one) { return one.step == step; });
  return found == all.end() ? nullptr : &*found;
}

const StepFigures* figures_for(const RunFigures& run, const StepFigures& like) {
  const auto found = std::find_if(run.steps.begin(), run.steps.end(), [&](const StepFigures& one) {
    return one.step == like.step && one.exposure == like.exposure;
  });
  return found == run.steps.end() ? nullptr : &*found;
}

// Nothing unless every round has the figure on both sides.
std::optional<std::vector<double>> log_differences(const std::vector<Round>& rounds,
                                                   const Figure& figure) {
  std::vector<double> differences;
  for (const Round& round : rounds) {
    const std::optional<double> base = figure(round.base);
    const std::optional<double> candidate = figure(round.candidate);
    if (!base || !candidate || *base <= 0 || *candidate <= 0) {
      return std::nullopt;
    }
    differences.push_back(std::log(*candidate / *base));
  }
  return differences;
}

double geometric_mean(const std::vector<Round>& rounds, const Figure& figure,
                      RunFigures Round::*side) {
  double sum = 0;
  for (const Round& round : rounds) {
    sum += std::log(figure(round.*side).value_or(1));
  }
  return std::exp(sum / static_cast<double>(std::max<std::size_t>(rounds.size(), 1)));
}

ClusteredRatio pooled(const std::vector<Round>& rounds, const ShareFigure& figure,
                      RunFigures Round::*side) {
  std::vector<Cluster> clusters;
  for (const Round& round : rounds) {
    if (const auto cluster = figure(round.*side)) {
      clusters.push_back(*cluster);
    }
  }
  return clustered_ratio(std::move(clusters));
}

// What the mean of such differences stays below when nothing changed: by the scatter of those of
// the base against itself around zero, which is the truth there, and of those that are compared
// around their mean. Nothing without the former.
double noise_floor(const std::vector<double>& noise, const std::vector<double>& compared) {
  if (noise.empty() || compared.empty()) {
    return 0;
  }
  double squares = 0;
  for (const double difference : noise) {
    squares += difference * difference;
  }
  const auto count = static_cast<double>(compared.size());
  const double mean = std::accumulate(compared.begin(), compared.end(), 0.0) / count;
  for (const double difference : compared) {
    squares += (difference - mean) * (difference - mean);
  }
  const double freedom = static_cast<double>(noise.size()) + count - 1;
  return stats::student_critical(kConfidence, freedom) * std::sqrt(squares / freedom / count);
}

std::vector<double> share_differences(const std::vector<Round>& rounds, const ShareFigure& figure) {
  std::vector<double> differences;
  for (const Round& round : rounds) {
    const auto one = figure(round.base);
    const auto two = figure(round.candidate);
    if (one && two && one->below > 0 && two->below > 0) {
      differences.push_back(two->above / two->below - one->above / one->below);
    }
  }
  return differences;
}

class Rounds {
 public:
  Rounds(const std::vector<Round>& rounds, const std::vector<Round>& noise,
         const model::ComparisonSettings& settings)
      : rounds_(rounds), noise_(noise), settings_(settings) {}

  std::vector<Candidate> candidates() {
    if (rounds_.empty()) {
      return {};
    }
    const RunFigures& first = rounds_.front().base;
    for (const StepFigures& step : first.steps) {
      add_step(step);
    }
    for (const RateFigures& rate : first.rates) {
      if (settings_.wants("rate")) {
        add_rate(rate);
      }
    }
    return std::move(candidates_);
  }

 private:
  void add_step(const StepFigures& step) {
    const auto named = [&](std::string name, ComparisonScale scale) {
      model::MetricComparison metric;
      metric.metric = std::move(name);
      metric.step = step.step;
      metric.exposure = model::to_string(step.exposure);
      metric.scale = scale;
      return Candidate{.metric = std::move(metric)};
    };
    for (std::size_t i = 0; i < kPercentiles; ++i) {
      std::string name = fmt::format("response p{:g}", model::kComparedPercentiles[i]);
      const Figure figure = [&](const RunFigures& run) {
        const StepFigures* figures = figures_for(run, step);
        return figures == nullptr ? std::nullopt : figures->percentiles[i];
      };
      if (settings_.wants(name)) {
        Candidate candidate = named(std::move(name), ComparisonScale::kRatio);
        candidate.metric.tolerance =
            response_tolerance(settings_, i, geometric_mean(rounds_, figure, &Round::base));
        add_paired(std::move(candidate), figure);
      }
    }
    if (settings_.wants("error_rate")) {
      Candidate candidate = named("error_rate", ComparisonScale::kPoints);
      candidate.metric.tolerance = settings_.error_rate;
      add_shares(std::move(candidate), [&](const RunFigures& run) -> std::optional<Cluster> {
        const StepFigures* figures = figures_for(run, step);
        return figures == nullptr ? std::nullopt
                                  : std::optional(cluster(figures->errors, figures->operations));
      });
    }
  }

  void add_rate(const RateFigures& rate) {
    Candidate candidate;
    candidate.metric.metric = rate.closed ? "rate" : "achieved";
    candidate.metric.step = rate.step;
    candidate.metric.scale = rate.closed ? ComparisonScale::kRatio : ComparisonScale::kPoints;
    candidate.metric.tolerance = settings_.rate;
    candidate.more_is_better = true;
    if (rate.closed) {
      add_paired(std::move(candidate), [&](const RunFigures& run) -> std::optional<double> {
        const RateFigures* figures = figures_for(run.rates, rate.step);
        return figures == nullptr ? std::nullopt : std::optional(figures->per_second);
      });
    } else {
      add_shares(std::move(candidate), [&](const RunFigures& run) -> std::optional<Cluster> {
        const RateFigures* figures = figures_for(run.rates, rate.step);
        return figures == nullptr ? std::nullopt
                                  : std::optional(cluster(figures->done, figures->offered));
      });
    }
  }

  static Cluster cluster(std::uint64_t hits, std::uint64_t trials) {
    return {static_cast<double>(hits), static_cast<double>(trials)};
  }

  void add_paired(Candidate candidate, const Figure& figure) {
    const auto differences = log_differences(rounds_, figure);
    if (!differences) {
      return;  // as for percentiles that a run's samples do not carry
    }
    candidate.metric.base = geometric_mean(rounds_, figure, &Round::base);
    candidate.metric.candidate = geometric_mean(rounds_, figure, &Round::candidate);
    candidate.difference = mean_estimate(*differences);
    if (const auto noise = log_differences(noise_, figure)) {
      candidate.metric.noise_floor = std::expm1(noise_floor(*noise, *differences));
    }
    candidates_.push_back(std::move(candidate));
  }

  void add_shares(Candidate candidate, const ShareFigure& figure) {
    const ClusteredRatio base = pooled(rounds_, figure, &Round::base);
    const ClusteredRatio other = pooled(rounds_, figure, &Round::candidate);
    if (base.below <= 0 || other.below <= 0) {
      return;
    }
    candidate.metric.base = base.ratio;
    candidate.metric.candidate = other.ratio;
    candidate.difference = share_difference(base, other);
    candidate.untestable = base.ratio == other.ratio && (base.ratio == 0 || base.ratio == 1);
    candidate.metric.noise_floor =
        noise_floor(share_differences(noise_, figure), share_differences(rounds_, figure));
    candidates_.push_back(std::move(candidate));
  }

  const std::vector<Round>& rounds_;
  const std::vector<Round>& noise_;
  const model::ComparisonSettings& settings_;
  std::vector<Candidate> candidates_;
};

std::string latency_problem(const RunFigures& run) {
  return run.void_latency;
}

std::string effects_problem(const RunFigures& run) {
  return run.effects_counted ? run.void_effects : "effects were not counted";
}

// The rounds whose two runs both hold; why others do not goes into the notes.
std::vector<Round> valid(const std::vector<Round>& rounds, std::string_view what,
                         std::string (*problem_of)(const RunFigures&),
                         std::vector<std::string>& notes) {
  std::vector<Round> kept;
  std::string why;
  for (const Round& round : rounds) {
    const std::string of_base = problem_of(round.base);
    const std::string problem = of_base.empty() ? problem_of(round.candidate) : of_base;
    if (problem.empty()) {
      kept.push_back(round);
    } else if (why.empty()) {
      why = problem;
    }
  }
  if (kept.size() < rounds.size()) {
    notes.push_back(fmt::format("{} of {} {} are left out: {}", rounds.size() - kept.size(),
                                rounds.size(), what, why));
  }
  return kept;
}

bool count_effects(const std::vector<Round>& rounds) {
  return std::any_of(rounds.begin(), rounds.end(), [](const Round& round) {
    return round.base.effects_counted || round.candidate.effects_counted;
  });
}

std::vector<EffectFigures> summed(const std::vector<Round>& rounds, RunFigures Round::*side) {
  std::vector<EffectFigures> sums;
  for (const Round& round : rounds) {
    for (const EffectFigures& one : (round.*side).effects) {
      const auto found = std::find_if(sums.begin(), sums.end(),
                                      [&](const auto& sum) { return sum.step == one.step; });
      if (found == sums.end()) {
        sums.push_back(one);
        continue;
      }
      found->operations += one.operations;
      found->duplicates += one.duplicates;
      found->lost += one.lost;
      found->phantoms += one.phantoms;
    }
  }
  return sums;
}

}  // namespace

model::ComparisonReport compare_rounds(const std::vector<Round>& rounds,
                                       const std::vector<Round>& noise,
                                       const model::ComparisonSettings& settings,
                                       const SideNames& names) {
  model::ComparisonReport report;
  report.method = model::ComparisonMethod::kRounds;
  report.base = names.base;
  report.candidate = names.candidate;
  const std::vector<Round> kept = valid(rounds, "rounds", latency_problem, report.notes);
  const std::vector<Round> kept_noise =
      valid(noise, "rounds of the base against itself", latency_problem, report.notes);
  report.rounds = static_cast<std::uint32_t>(kept.size());
  report.noise_rounds = static_cast<std::uint32_t>(kept_noise.size());
  bool complete = kept.size() == rounds.size();

  std::vector<Candidate> candidates = Rounds(kept, kept_noise, settings).candidates();
  EffectMetrics counts;
  if (settings.wants("effects") && count_effects(rounds)) {
    // Whether a measurement of time is valid does not matter to counts.
    const std::vector<Round> counted =
        valid(rounds, "rounds' effects", effects_problem, report.notes);
    complete = complete && counted.size() == rounds.size();
    counts = effect_metrics(summed(counted, &Round::base), summed(counted, &Round::candidate));
  }
  std::move(counts.candidates.begin(), counts.candidates.end(), std::back_inserter(candidates));
  report.metrics = judged(std::move(candidates));
  std::move(counts.decided.begin(), counts.decided.end(), std::back_inserter(report.metrics));
  report.verdict =
      overall(report.metrics, complete ? Completeness::kComplete : Completeness::kIncomplete);
  if (kept_noise.empty()) {
    report.notes.emplace_back(
        "there were no rounds of the base against itself, so the noise floor is not known");
  }
  return report;
}

}  // namespace squall::reports
