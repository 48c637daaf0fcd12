// How far a ratio may lie from the truth when what it is made of comes in clusters that differ:
// the seconds of a run, or runs.
#pragma once

#include <cstddef>
#include <vector>

#include "reports/compare/difference.hpp"

namespace squall::reports {

// What one second, batch of seconds or run adds to both sides of the ratio: hits among trials,
// operations among seconds.
struct Cluster {
  double above = 0;
  double below = 0;
  std::size_t stratum = 0;  // clusters of one stratum scatter around that stratum's own ratio
};

// sum of `above` / sum of `below`, with the variance that the clusters' scatter shows (the ratio
// estimator of cluster samples; Cochran, "Sampling Techniques", 1977, 6.3 and 11). A stratum of one
// cluster is counted to the one before it, else to the next.
struct ClusteredRatio {
  double ratio = 0;
  double below = 0;
  double variance = 0;
  double freedom = 0;  // degrees of it: clusters less strata; 0: the variance is not known
};
[[nodiscard]] ClusteredRatio clustered_ratio(std::vector<Cluster> clusters);

// Neighbouring seconds of one stratum together, so that seconds which follow each other closely do
// not count as independent (batch means): about sqrt(n) / 1.5 in each.
[[nodiscard]] std::vector<Cluster> in_batches(const std::vector<Cluster>& seconds);

// How much more a share scatters than one of independent trials does (Kish's design effect); 1 at
// least, and 1 for a share of nothing or all.
[[nodiscard]] double design_effect(const ClusteredRatio& share);

// A share: Wilson's score interval ("Probable inference, the law of succession, and statistical
// inference", 1927) for as many trials as the design effect leaves, with Student's critical value;
// with the normal one for a share of nothing or all, where there is no scatter to learn from.
[[nodiscard]] Estimate share_estimate(const ClusteredRatio& share);

// candidate - base: Newcombe's interval of the two. Where one side is nothing or all, it is given
// the design effect of the other: what comes in bursts there would do so here.
[[nodiscard]] Estimate share_difference(const ClusteredRatio& base,
                                        const ClusteredRatio& candidate);

// The logarithm of a rate above 0.
[[nodiscard]] Estimate log_rate_estimate(const ClusteredRatio& rate);

// A mean with Student's interval; fewer than two values know no limits.
[[nodiscard]] Estimate mean_estimate(const std::vector<double>& values);

}  // namespace squall::reports
