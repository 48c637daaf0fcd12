// A delay that is drawn anew each time: constant, uniform, normal, lognormal, pareto, exponential
// or from a table of values.
#pragma once

#include <string>
#include <vector>

#include "loadgen/base/time.hpp"

namespace squall::expr {

enum class DistributionKind {
  kConstant,
  kUniform,
  kNormal,
  kLognormal,
  kPareto,
  kExponential,
  kTable
};

// No draw of an unbounded distribution is longer than this: what is beyond ends no run, and sums
// stay inside 64 bits.
inline constexpr Duration kLongestDraw = std::chrono::hours(24);

// A value. Never draws a negative delay (what a normal distribution draws below zero becomes zero).
struct Distribution {
  DistributionKind kind = DistributionKind::kConstant;
  Duration center{};  // constant: the value; normal, exponential: mean; lognormal, pareto: median
  Duration low{};     // uniform: from
  Duration high{};    // uniform: to
  double spread = 0;  // normal: standard deviation in ns; lognormal: sigma of the logarithm;
                      // pareto: the exponent alpha
  std::vector<Duration> values = {};  // table: each as likely; at least one

  static Distribution constant(Duration value) { return {.center = value}; }

  // REQUIRES: `unit` uniform in [0,1) and independent for each draw; `unit2` likewise (normal and
  // lognormal need two).
  [[nodiscard]] Duration at(double unit, double unit2) const;
  // Never draws anything but zero.
  [[nodiscard]] bool is_zero() const;
  // "80ms", "lognormal, median 80ms, sigma 0.5": for people.
  [[nodiscard]] std::string to_text() const;
  bool operator==(const Distribution&) const = default;
};

}  // namespace squall::expr
