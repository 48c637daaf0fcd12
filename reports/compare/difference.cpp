#include "reports/compare/difference.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace squall::reports {

Estimate difference_of(const Estimate& base, const Estimate& candidate) {
  Estimate difference;
  difference.value = candidate.value - base.value;
  difference.limits = [base, candidate](double confidence) {
    const Limits of_base = base.limits(confidence);
    const Limits of_candidate = candidate.limits(confidence);
    const double value = candidate.value - base.value;
    return Limits{
        value - std::hypot(candidate.value - of_candidate.low, of_base.high - base.value),
        value + std::hypot(of_candidate.high - candidate.value, base.value - of_base.low)};
  };
  return difference;
}

double p_value_of(const Estimate& difference) {
  constexpr double kLeast = 1e-9;
  constexpr int kHalvings = 40;
  const auto holds_zero = [&](double p) {
    const Limits limits = difference.limits(1 - p);
    // Written so that limits which are no numbers hold everything.
    return !(limits.low > 0 || limits.high < 0);
  };
  if (difference.value == 0) {
    return 1;
  }
  if (!holds_zero(kLeast)) {
    return kLeast;
  }
  // On a scale of orders of magnitude.
  double low = std::log(kLeast);
  double high = 0;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (holds_zero(std::exp(middle)) ? low : high) = middle;
  }
  return std::exp(high);
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double highest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(order.size() - i);
    highest = std::max(highest, std::min(1.0, left * p_values[order[i]]));
    adjusted[order[i]] = highest;
  }
  return adjusted;
}

}  // namespace squall::reports
