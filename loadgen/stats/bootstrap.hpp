// How sure a figure of a sample is, whatever its distribution: resampling with replacement.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace squall::stats {

struct Interval {
  double value = 0;  // of the sample itself
  double low = 0;
  double high = 0;
};

using Statistic = std::function<double(std::span<const double>)>;

// The percentile bootstrap (Efron, "Bootstrap methods: another look at the jackknife", 1979): the
// 95% interval of `statistic`. The same sample gives the same interval: the chance in it has a
// fixed seed. REQUIRES: a sample that is not empty.
inline constexpr int kResamples = 1000;
[[nodiscard]] Interval bootstrap(std::span<const double> sample, const Statistic& statistic);

// The same for a figure of two independent samples, resampled each by itself: a difference or a
// ratio of medians.
using TwoSampleStatistic =
    std::function<double(std::span<const double> a, std::span<const double> b)>;
[[nodiscard]] Interval bootstrap(std::span<const double> a, std::span<const double> b,
                                 const TwoSampleStatistic& statistic);

// The middle value, of an even number the mean of the two in the middle. REQUIRES: not empty.
[[nodiscard]] double median_of(std::span<const double> sample);
[[nodiscard]] double mean_of(std::span<const double> sample);

}  // namespace squall::stats
