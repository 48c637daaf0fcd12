// A delay that is drawn anew each time: constant, uniform, normal, lognormal or pareto.
#pragma once

#include <string>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/base/time.hpp"

namespace squall::expr {

enum class DistributionKind { kConstant, kUniform, kNormal, kLognormal, kPareto };

// A value. Never draws a negative delay (normal is truncated at zero).
struct Distribution {
  DistributionKind kind = DistributionKind::kConstant;
  Duration center{};   // constant: the value; normal: mean; lognormal, pareto: median
  Duration low{};      // uniform: from
  Duration high{};     // uniform: to
  double spread = 0;   // normal: standard deviation in ns; lognormal: sigma of the logarithm; pareto: the exponent alpha

  static Distribution constant(Duration value) { return {.center = value}; }

  // REQUIRES: `unit` uniform in [0,1) and independent for each draw; `unit2` likewise (normal and lognormal need two).
  [[nodiscard]] Duration at(double unit, double unit2) const;
  [[nodiscard]] std::string to_text() const;
};

}  // namespace squall::expr
