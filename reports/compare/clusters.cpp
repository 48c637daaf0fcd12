#include "reports/compare/clusters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "loadgen/stats/student.hpp"

namespace squall::reports {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Degrees of freedom from which Student's distribution is the normal one for all that matters.
constexpr double kMany = 1e6;

struct Sums {
  double above = 0;
  double below = 0;
  std::size_t clusters = 0;
};

std::map<std::size_t, Sums> sums_of(const std::vector<Cluster>& clusters) {
  std::map<std::size_t, Sums> strata;
  for (const Cluster& cluster : clusters) {
    Sums& sums = strata[cluster.stratum];
    sums.above += cluster.above;
    sums.below += cluster.below;
    ++sums.clusters;
  }
  return strata;
}

// One cluster alone scatters around nothing.
void join_lonely(std::vector<Cluster>& clusters) {
  const auto strata = sums_of(clusters);
  for (auto at = strata.begin(); at != strata.end() && strata.size() > 1; ++at) {
    if (at->second.clusters > 1) {
      continue;
    }
    const std::size_t neighbour =
        at == strata.begin() ? std::next(at)->first : std::prev(at)->first;
    for (Cluster& cluster : clusters) {
      cluster.stratum = cluster.stratum == at->first ? neighbour : cluster.stratum;
    }
  }
}

bool is_extreme(const ClusteredRatio& share) {
  return share.ratio <= 0 || share.ratio >= 1;
}

// Wilson's, of so many independent trials.
Estimate score_interval(double value, double trials, double freedom) {
  return {value, [=](double confidence) {
            if (freedom <= 0 || trials <= 0) {
              return Limits{-kInfinity, kInfinity};
            }
            const double z = stats::student_critical(confidence, freedom);
            const double square = z * z;
            const double center = value + square / (2 * trials);
            const double half =
                z * std::sqrt(value * (1 - value) / trials + square / (4 * trials * trials));
            const double scale = 1 + square / trials;
            // An extreme share is its own limit, which rounding must not move.
            return Limits{value <= 0 ? 0 : (center - half) / scale,
                          value >= 1 ? 1 : (center + half) / scale};
          }};
}

}  // namespace

ClusteredRatio clustered_ratio(std::vector<Cluster> clusters) {
  clusters.erase(std::remove_if(clusters.begin(), clusters.end(),
                                [](const Cluster& cluster) { return cluster.below <= 0; }),
                 clusters.end());
  join_lonely(clusters);
  const auto strata = sums_of(clusters);
  ClusteredRatio result;
  double above = 0;
  for (const auto& [stratum, sums] : strata) {
    above += sums.above;
    result.below += sums.below;
  }
  if (result.below <= 0) {
    return result;
  }
  result.ratio = above / result.below;
  std::map<std::size_t, double> squares;
  for (const Cluster& cluster : clusters) {
    const Sums& of = strata.at(cluster.stratum);
    const double residual = cluster.above - of.above / of.below * cluster.below;
    squares[cluster.stratum] += residual * residual;
  }
  for (const auto& [stratum, sums] : strata) {
    const auto count = static_cast<double>(sums.clusters);
    if (sums.clusters > 1) {
      result.variance += count / (count - 1) * squares[stratum] / (result.below * result.below);
      result.freedom += count - 1;
    }
  }
  return result;
}

std::vector<Cluster> in_batches(const std::vector<Cluster>& seconds) {
  const double wanted = std::sqrt(static_cast<double>(seconds.size())) / 1.5;
  const auto length = static_cast<std::size_t>(std::max(1.0, std::round(wanted)));
  std::vector<Cluster> batches;
  std::size_t in_batch = 0;
  for (const Cluster& second : seconds) {
    const bool goes_on =
        in_batch > 0 && in_batch < length && batches.back().stratum == second.stratum;
    if (!goes_on) {
      batches.push_back({.stratum = second.stratum});
      in_batch = 0;
    }
    batches.back().above += second.above;
    batches.back().below += second.below;
    ++in_batch;
  }
  return batches;
}

double design_effect(const ClusteredRatio& share) {
  const double independent = share.ratio * (1 - share.ratio) / std::max(share.below, 1.0);
  return independent <= 0 ? 1 : std::max(1.0, share.variance / independent);
}

Estimate share_estimate(const ClusteredRatio& share) {
  return score_interval(share.ratio, share.below / design_effect(share),
                        is_extreme(share) ? kMany : share.freedom);
}

Estimate share_difference(const ClusteredRatio& base, const ClusteredRatio& candidate) {
  const auto beside = [](const ClusteredRatio& share, const ClusteredRatio& other) {
    return is_extreme(share) && !is_extreme(other)
               ? score_interval(share.ratio, share.below / design_effect(other), other.freedom)
               : share_estimate(share);
  };
  return difference_of(beside(base, candidate), beside(candidate, base));
}

Estimate log_rate_estimate(const ClusteredRatio& rate) {
  const double value = std::log(rate.ratio);
  const double error = std::sqrt(rate.variance) / rate.ratio;
  const double freedom = rate.freedom;
  return {value, [=](double confidence) {
            if (freedom <= 0 || !std::isfinite(value)) {
              return Limits{-kInfinity, kInfinity};
            }
            const double half = stats::student_critical(confidence, freedom) * error;
            return Limits{value - half, value + half};
          }};
}

Estimate mean_estimate(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) {
    mean += value / count;
  }
  double squares = 0;
  for (const double value : values) {
    squares += (value - mean) * (value - mean);
  }
  const double freedom = count - 1;
  const double error = freedom > 0 ? std::sqrt(squares / freedom / count) : 0;
  return {mean, [=](double confidence) {
            if (freedom <= 0) {
              return Limits{-kInfinity, kInfinity};
            }
            const double half = stats::student_critical(confidence, freedom) * error;
            return Limits{mean - half, mean + half};
          }};
}

}  // namespace squall::reports
