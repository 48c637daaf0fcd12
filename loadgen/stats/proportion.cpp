#include "loadgen/stats/proportion.hpp"

#include "loadgen/base/check.hpp"
#include "loadgen/stats/beta.hpp"

namespace squall::stats {
namespace {

double beta_quantile(double a, double b, double probability) {
  constexpr int kHalvings = 60;  // below the grain of a double in [0, 1]
  double low = 0;
  double high = 1;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (beta_cdf(a, b, middle) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

ProportionInterval proportion_interval(std::uint64_t hits, std::uint64_t trials, double tail) {
  SQUALL_CHECK(hits <= trials);
  SQUALL_CHECK(tail > 0 && tail < 0.5);
  if (trials == 0) {
    return {};
  }
  const auto k = static_cast<double>(hits);
  const auto n = static_cast<double>(trials);
  ProportionInterval result;
  result.share = k / n;
  result.low = hits == 0 ? 0 : beta_quantile(k, n - k + 1, tail);
  result.high = hits == trials ? 1 : beta_quantile(k + 1, n - k, 1 - tail);
  return result;
}

}  // namespace squall::stats
