#include "loadgen/expr/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "loadgen/base/units.hpp"

namespace squall::expr {
namespace {

constexpr double kTwoPi = 6.283185307179586476925;

// Box and Muller: "A note on the generation of random normal deviates", 1958.
double standard_normal(double unit, double unit2) {
  return std::sqrt(-2.0 * std::log1p(-unit)) * std::cos(kTwoPi * unit2);
}

Duration bounded(double nanoseconds) {
  const double limit = static_cast<double>(kLongestDraw.count());
  if (!(nanoseconds > 0)) {
    return Duration::zero();
  }
  return nanoseconds >= limit ? kLongestDraw : Duration(std::llround(nanoseconds));
}

double count(Duration duration) {
  return static_cast<double>(duration.count());
}

}  // namespace

Duration Distribution::at(double unit, double unit2) const {
  switch (kind) {
    case DistributionKind::kConstant:
      return center;
    case DistributionKind::kUniform:
      return low + Duration(static_cast<std::int64_t>(count(high - low) * unit));
    case DistributionKind::kNormal:
      return bounded(count(center) + spread * standard_normal(unit, unit2));
    case DistributionKind::kLognormal:
      return bounded(count(center) * std::exp(spread * standard_normal(unit, unit2)));
    case DistributionKind::kPareto: {
      // The median of a Pareto distribution is its scale times 2^(1/alpha).
      const double scale = count(center) / std::exp2(1.0 / spread);
      return bounded(scale * std::exp(-std::log1p(-unit) / spread));
    }
    case DistributionKind::kExponential:
      return bounded(count(center) * -std::log1p(-unit));
    case DistributionKind::kTable:
      return values[std::min(static_cast<std::size_t>(unit * static_cast<double>(values.size())),
                             values.size() - 1)];
  }
  SQUALL_CHECK(false);
}

bool Distribution::is_zero() const {
  switch (kind) {
    case DistributionKind::kConstant:
    case DistributionKind::kLognormal:
    case DistributionKind::kPareto:
    case DistributionKind::kExponential:
      return center <= Duration::zero();
    case DistributionKind::kTable:
      return std::all_of(values.begin(), values.end(),
                         [](Duration value) { return value <= Duration::zero(); });
    case DistributionKind::kUniform:
      return high <= Duration::zero();
    case DistributionKind::kNormal:
      return center <= Duration::zero() && spread <= 0;
  }
  return false;
}

std::string Distribution::to_text() const {
  switch (kind) {
    case DistributionKind::kConstant:
      return format_duration(center);
    case DistributionKind::kUniform:
      return fmt::format("uniform from {} to {}", format_duration(low), format_duration(high));
    case DistributionKind::kNormal:
      return fmt::format("normal, mean {}, stddev {}", format_duration(center),
                         format_duration(Duration(std::llround(spread))));
    case DistributionKind::kLognormal:
      return fmt::format("lognormal, median {}, sigma {}", format_duration(center), spread);
    case DistributionKind::kPareto:
      return fmt::format("pareto, median {}, alpha {}", format_duration(center), spread);
    case DistributionKind::kExponential:
      return fmt::format("exponential, mean {}", format_duration(center));
    case DistributionKind::kTable: {
      const auto [low_end, high_end] = std::minmax_element(values.begin(), values.end());
      return fmt::format("one of {} values from {} to {}", values.size(), format_duration(*low_end),
                         format_duration(*high_end));
    }
  }
  SQUALL_CHECK(false);
}

}  // namespace squall::expr
