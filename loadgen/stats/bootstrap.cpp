#include "loadgen/stats/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "loadgen/base/check.hpp"
#include "loadgen/base/rng.hpp"

namespace squall::stats {
namespace {

constexpr double kTail = 0.025;

void resample(std::span<const double> sample, Rng& rng, std::vector<double>& out) {
  out.resize(sample.size());
  for (double& value : out) {
    value = sample[rng.next_below(sample.size())];
  }
}

Interval interval_of(double value, std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  const auto last = static_cast<double>(figures.size() - 1);
  const auto at = [&](double share) {
    return figures[static_cast<std::size_t>(std::lround(share * last))];
  };
  return {value, at(kTail), at(1 - kTail)};
}

}  // namespace

double median_of(std::span<const double> sample) {
  SQUALL_CHECK(!sample.empty());
  std::vector<double> sorted(sample.begin(), sample.end());
  const std::size_t middle = sorted.size() / 2;
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(middle);
  std::nth_element(sorted.begin(), at, sorted.end());
  const double upper = *at;
  if (sorted.size() % 2 == 1) {
    return upper;
  }
  return (*std::max_element(sorted.begin(), at) + upper) / 2;
}

double mean_of(std::span<const double> sample) {
  SQUALL_CHECK(!sample.empty());
  return std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size());
}

Interval bootstrap(std::span<const double> sample, const Statistic& statistic) {
  SQUALL_CHECK(!sample.empty());
  Rng rng(StreamId(0, "bootstrap", "one"));
  std::vector<double> drawn;
  std::vector<double> figures;
  for (int i = 0; i < kResamples; ++i) {
    resample(sample, rng, drawn);
    figures.push_back(statistic(drawn));
  }
  return interval_of(statistic(sample), std::move(figures));
}

Interval bootstrap(std::span<const double> a, std::span<const double> b,
                   const TwoSampleStatistic& statistic) {
  SQUALL_CHECK(!a.empty() && !b.empty());
  Rng rng(StreamId(0, "bootstrap", "two"));
  std::vector<double> drawn_a;
  std::vector<double> drawn_b;
  std::vector<double> figures;
  for (int i = 0; i < kResamples; ++i) {
    resample(a, rng, drawn_a);
    resample(b, rng, drawn_b);
    figures.push_back(statistic(drawn_a, drawn_b));
  }
  return interval_of(statistic(a, b), std::move(figures));
}

}  // namespace squall::stats
