// From estimated differences to verdicts: how surely, how much, and among how many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/model/comparison.hpp"
#include "reports/compare/difference.hpp"
#include "reports/compare/figures.hpp"

namespace squall::reports {

// A metric that is to be judged. The difference of a ratio is one of natural logarithms.
struct Candidate {
  model::MetricComparison metric;  // all but difference, interval, p value and verdict
  Estimate difference = {};
  bool more_is_better = false;
  // Nothing can come of it that would be a false alarm, as nothing happened on either side: it does
  // not count among the tests (Tarone, "A modified Bonferroni method for discrete data", 1990).
  bool untestable = false;
};

// Fills in differences and verdicts of all together:
//   worse, better  significant at 5% after Holm's correction over all of them, and the difference
//                  is larger than the tolerance and the noise floor
//   same           not that, and the whole 95% interval lies inside the tolerance (a test of
//                  equivalence, at 2.5% on each side)
//   inconclusive   neither
[[nodiscard]] std::vector<model::MetricComparison> judged(std::vector<Candidate> candidates);

// Counts of effects, which are exact: none before and some now is worse, without chance; else the
// exact conditional test of two rates (Przyborowski and Wilenski, 1940) goes into the family.
struct EffectMetrics {
  std::vector<model::MetricComparison> decided;
  std::vector<Candidate> candidates;
};
[[nodiscard]] EffectMetrics effect_metrics(const std::vector<EffectFigures>& base,
                                           const std::vector<EffectFigures>& candidate);

// The verdict of the whole: the one that counts most; inconclusive without metrics, and when
// `incomplete`, unless something is worse.
enum class Completeness : std::uint8_t { kComplete, kIncomplete };
[[nodiscard]] model::ComparisonVerdict overall(const std::vector<model::MetricComparison>& metrics,
                                               Completeness completeness);

// The same as a share of the percentile `base_us`.
[[nodiscard]] double response_tolerance(const model::ComparisonSettings& settings,
                                        std::size_t percentile, double base_us);

}  // namespace squall::reports
