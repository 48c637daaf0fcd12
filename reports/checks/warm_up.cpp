#include "reports/checks/warm_up.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "loadgen/stats/bootstrap.hpp"
#include "loadgen/stats/trend.hpp"

namespace squall::reports {
namespace {

constexpr std::size_t kLeastSeconds = 12;
constexpr std::size_t kMostSeconds = 2000;  // that a test of all pairs looks at
constexpr double kLeastRise = 0.0953;       // a tenth, on natural logarithms

// Logarithms of p50, second by second, up to the first fault; a second without operations ends it.
std::vector<double> undisturbed(const model::RunRecord& record) {
  const Duration end = record.phase_bounds.split
                           ? std::min(record.phase_bounds.fault_from, record.measured_duration)
                           : record.measured_duration;
  std::vector<double> levels;
  for (const model::SecondSummary& second : record.seconds) {
    if (second.second < 0) {
      continue;
    }
    // Whole seconds: a record may hold a number that no duration holds.
    if (second.second >= std::chrono::floor<std::chrono::seconds>(end).count() ||
        second.response_p50_us < 0) {
      break;
    }
    levels.push_back(
        std::log(static_cast<double>(std::max<std::int64_t>(second.response_p50_us, 1))));
  }
  return levels;
}

double median_distance(std::span<const double> values, double from) {
  std::vector<double> distances;
  for (const double value : values) {
    distances.push_back(std::abs(value - from));
  }
  return stats::median_of(distances);
}

// The standard deviation of normal seconds, from medians, so that what is not normal does not
// count: of the distances from the median, or of the steps from second to second.
double scatter_of(std::span<const double> levels, std::span<const double> steady, double median) {
  constexpr double kOfDistances = 1.4826;
  constexpr double kOfSteps = 1.0483;
  std::vector<double> steps;
  for (std::size_t i = 1; i < levels.size(); ++i) {
    steps.push_back(levels[i] - levels[i - 1]);
  }
  return std::max(kOfDistances * median_distance(steady, median),
                  kOfSteps * median_distance(steps, 0));
}

}  // namespace

std::optional<WarmingUp> warming_up(const model::RunRecord& record) {
  const std::vector<double> levels = undisturbed(record);
  if (levels.size() < kLeastSeconds || !record.capacity.stages.empty()) {
    return std::nullopt;
  }
  const std::span<const double> all(levels);
  const std::span<const double> steady = all.subspan(all.size() / 2);
  const double median = stats::median_of(steady);
  const double limit = median + std::max(kLeastRise, 3 * scatter_of(all, steady, median));
  std::size_t cold = 0;
  while (cold < levels.size() && levels[cold] > limit) {
    ++cold;
  }
  if (cold < 2) {
    return std::nullopt;
  }
  const std::size_t judged = std::min({levels.size(), 2 * cold + 4, kMostSeconds});
  const stats::MannKendall trend = stats::mann_kendall(all.first(judged));
  if (trend.z >= 0 || trend.p_value > 0.05) {
    return std::nullopt;
  }
  return WarmingUp{.until = static_cast<std::int64_t>(cold) - 1,
                   .first_us = std::llround(std::exp(levels.front())),
                   .steady_us = std::llround(std::exp(median))};
}

}  // namespace squall::reports
