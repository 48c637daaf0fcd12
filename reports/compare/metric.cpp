#include "reports/compare/metric.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "loadgen/stats/proportion.hpp"

namespace squall::reports {
namespace {

using model::ComparisonScale;
using model::ComparisonVerdict;
using model::MetricComparison;

constexpr double kSignificance = 1 - kConfidence;

// From the scale of estimates to that of the record, and back.
double shown(ComparisonScale scale, double value) {
  constexpr double kMost = 1e9;  // JSON knows no infinity
  const double plain = scale == ComparisonScale::kRatio ? std::expm1(value) : value;
  return std::clamp(plain, -kMost, kMost);
}

double estimated(ComparisonScale scale, double value) {
  return scale == ComparisonScale::kRatio ? std::log1p(value) : value;
}

ComparisonVerdict verdict_of(const Candidate& candidate, const Limits& limits) {
  const MetricComparison& metric = candidate.metric;
  const double value = candidate.difference.value;
  const double least = estimated(metric.scale, std::max(metric.tolerance, metric.noise_floor));
  if (metric.p_value <= kSignificance && std::abs(value) > least) {
    return (value > 0) == candidate.more_is_better ? ComparisonVerdict::kBetter
                                                   : ComparisonVerdict::kWorse;
  }
  const double tolerance = estimated(metric.scale, metric.tolerance);
  return limits.low >= -tolerance && limits.high <= tolerance ? ComparisonVerdict::kSame
                                                              : ComparisonVerdict::kInconclusive;
}

const EffectFigures* figures_for(const std::vector<EffectFigures>& all, const std::string& step) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const EffectFigures& one) { return one.step == step; });
  return found == all.end() ? nullptr : &*found;
}

// The interval of the share that the candidate has of both counts, less the share that it would
// have if nothing had changed: all that p_value_of() looks at is on which side of zero it lies.
Estimate count_difference(std::uint64_t base, std::uint64_t candidate, double expected_share) {
  const auto share =
      static_cast<double>(candidate) / static_cast<double>(base + candidate) - expected_share;
  return {share, [=](double confidence) {
            const double tail = std::clamp((1 - confidence) / 2, 1e-12, 0.499);
            const auto of = stats::proportion_interval(candidate, base + candidate, tail);
            return Limits{of.low - expected_share, of.high - expected_share};
          }};
}

void add_count(std::string_view name, const EffectFigures& base, const EffectFigures& candidate,
               std::uint64_t EffectFigures::*count, EffectMetrics& metrics) {
  // Records may hold any number; these and their sum are exact.
  constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 52;
  const std::uint64_t of_base = std::min(base.*count, kMostCounted);
  const std::uint64_t of_candidate = std::min(candidate.*count, kMostCounted);
  MetricComparison metric;
  metric.metric = name;
  metric.step = base.step;
  metric.scale = ComparisonScale::kCount;
  metric.measured = true;
  metric.base = static_cast<double>(of_base);
  metric.candidate = static_cast<double>(of_candidate);
  metric.difference = metric.low = metric.high = metric.candidate - metric.base;
  if (of_candidate == 0 && of_base == 0) {
    metric.verdict = ComparisonVerdict::kSame;
    metric.p_value = 1;
    metrics.decided.push_back(std::move(metric));
    return;
  }
  if (of_base == 0) {
    metric.verdict = ComparisonVerdict::kWorse;
    metric.note = "the base had none";
    metrics.decided.push_back(std::move(metric));
    return;
  }
  const auto before = static_cast<double>(base.operations);
  const auto now = static_cast<double>(candidate.operations);
  const double expected = now / std::max(before + now, 1.0);
  metrics.candidates.push_back({.metric = std::move(metric),
                                .difference = count_difference(of_base, of_candidate, expected)});
}

}  // namespace

std::vector<MetricComparison> judged(std::vector<Candidate> candidates) {
  std::vector<double> p_values;
  for (const Candidate& candidate : candidates) {
    if (!candidate.untestable) {
      p_values.push_back(p_value_of(candidate.difference));
    }
  }
  const std::vector<double> corrected = holm(p_values);
  std::vector<MetricComparison> metrics;
  std::size_t next = 0;
  for (Candidate& candidate : candidates) {
    MetricComparison& metric = candidate.metric;
    metric.measured = true;
    metric.p_value = candidate.untestable ? 1 : corrected[next++];
    const Limits limits = candidate.difference.limits(kConfidence);
    if (metric.scale == ComparisonScale::kCount) {
      // Its tolerance is no difference at all, and the counts themselves are told.
      const bool differs = metric.p_value <= kSignificance;
      metric.verdict = !differs                         ? ComparisonVerdict::kInconclusive
                       : candidate.difference.value > 0 ? ComparisonVerdict::kWorse
                                                        : ComparisonVerdict::kBetter;
      metric.note = differs ? metric.note : "chance explains the difference of the counts";
    } else {
      metric.verdict = verdict_of(candidate, limits);
      metric.difference = shown(metric.scale, candidate.difference.value);
      metric.low = shown(metric.scale, limits.low);
      metric.high = shown(metric.scale, limits.high);
      if (!std::isfinite(limits.low) || !std::isfinite(limits.high)) {
        metric.note = "too few seconds or rounds for an interval";
      }
    }
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

EffectMetrics effect_metrics(const std::vector<EffectFigures>& base,
                             const std::vector<EffectFigures>& candidate) {
  EffectMetrics metrics;
  for (const EffectFigures& one : base) {
    if (const EffectFigures* other = figures_for(candidate, one.step)) {
      add_count("duplicate_effects", one, *other, &EffectFigures::duplicates, metrics);
      add_count("lost_effects", one, *other, &EffectFigures::lost, metrics);
      add_count("phantom_effects", one, *other, &EffectFigures::phantoms, metrics);
    }
  }
  return metrics;
}

ComparisonVerdict overall(const std::vector<MetricComparison>& metrics, Completeness completeness) {
  ComparisonVerdict whole = metrics.empty() || completeness == Completeness::kIncomplete
                                ? ComparisonVerdict::kInconclusive
                                : ComparisonVerdict::kSame;
  for (const MetricComparison& metric : metrics) {
    whole = std::max(whole, metric.verdict);
  }
  return whole;
}

double response_tolerance(const model::ComparisonSettings& settings, std::size_t percentile,
                          double base_us) {
  const double slack_us = to_seconds(settings.response_slack) * 1e6;
  return std::max(settings.response_tolerance(percentile), slack_us / std::max(base_us, 1.0));
}

}  // namespace squall::reports
