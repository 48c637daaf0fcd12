#include "loadgen/stats/counts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadgen/base/check.hpp"
#include "loadgen/stats/proportion.hpp"

namespace squall::stats {
namespace {

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);  // std::lgamma writes a global
}

// The regularised lower incomplete gamma function P(a, x): by its series below a + 1, by its
// continued fraction above (Press et al., "Numerical Recipes", 6.2).
double gamma_p(double a, double x) {
  constexpr double kPrecision = 1e-15;
  constexpr int kMaxSteps = 100'000;  // about sqrt(a) are needed
  if (x <= 0) {
    return 0;
  }
  const double front = std::exp(a * std::log(x) - x - log_gamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (int n = 1; n <= kMaxSteps && term > sum * kPrecision; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    return std::min(1.0, front * sum);
  }
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double result = d;
  for (int n = 1; n <= kMaxSteps; ++n) {
    const double an = -n * (n - a);
    b += 2;
    d = 1 / (std::abs(an * d + b) < kTiny ? kTiny : an * d + b);
    c = std::abs(b + an / c) < kTiny ? kTiny : b + an / c;
    const double step = d * c;
    result *= step;
    if (std::abs(step - 1) < kPrecision) {
      break;
    }
  }
  return std::max(0.0, 1 - front * result);
}

// Where P(a, x) reaches a probability.
double gamma_quantile(double a, double probability) {
  constexpr int kHalvings = 100;
  double low = 0;
  double high = a + 10;
  while (gamma_p(a, high) < probability) {
    high *= 2;
  }
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (gamma_p(a, middle) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

struct Score {
  double low = 0;
  double high = 0;
};

// Wilson's score interval.
Score wilson(double share, double trials) {
  constexpr double kZ = 1.959963984540054;
  constexpr double kSquare = kZ * kZ;
  const double center = share + kSquare / (2 * trials);
  const double half =
      kZ * std::sqrt(share * (1 - share) / trials + kSquare / (4 * trials * trials));
  const double scale = 1 + kSquare / trials;
  return {(center - half) / scale, (center + half) / scale};
}

}  // namespace

CountInterval poisson_interval(std::uint64_t count, double tail) {
  SQUALL_CHECK(tail > 0 && tail < 0.5);
  const auto n = static_cast<double>(count);
  return {count == 0 ? 0 : gamma_quantile(n, tail), gamma_quantile(n + 1, 1 - tail)};
}

std::uint64_t poisson_upper_bound(double expected, double tail) {
  SQUALL_CHECK(expected >= 0 && tail > 0);
  if (expected == 0) {
    return 0;
  }
  // P(N > n) = P(n + 1, expected), which falls with n.
  std::uint64_t low = 0;
  auto high = static_cast<std::uint64_t>(expected + 20 * std::sqrt(expected) + 50);
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (gamma_p(static_cast<double>(middle + 1), expected) <= tail) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

RatioInterval rate_ratio(std::uint64_t count_a, double exposure_a, std::uint64_t count_b,
                         double exposure_b) {
  SQUALL_CHECK(exposure_a > 0 && exposure_b > 0);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (count_a + count_b == 0) {
    return {1, 0, kInfinity};
  }
  const ProportionInterval share = proportion_interval(count_a, count_a + count_b);
  const auto ratio = [&](double part) {
    return part >= 1 ? kInfinity : part / (1 - part) * exposure_b / exposure_a;
  };
  return {ratio(share.share), ratio(share.low), ratio(share.high)};
}

DifferenceInterval share_difference(std::uint64_t hits_a, std::uint64_t trials_a,
                                    std::uint64_t hits_b, std::uint64_t trials_b) {
  SQUALL_CHECK(hits_a <= trials_a && hits_b <= trials_b && trials_a > 0 && trials_b > 0);
  const double a = static_cast<double>(hits_a) / static_cast<double>(trials_a);
  const double b = static_cast<double>(hits_b) / static_cast<double>(trials_b);
  const Score of_a = wilson(a, static_cast<double>(trials_a));
  const Score of_b = wilson(b, static_cast<double>(trials_b));
  return {a - b, a - b - std::hypot(a - of_a.low, of_b.high - b),
          a - b + std::hypot(of_a.high - a, b - of_b.low)};
}

}  // namespace squall::stats
