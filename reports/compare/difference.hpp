// Differences of two figures with intervals of any confidence, and how surely they are not nothing.
#pragma once

#include <functional>
#include <vector>

namespace squall::reports {

struct Limits {
  double low = 0;
  double high = 0;
};

// A figure of one side, or a difference of two. A value; the function borrows nothing.
struct Estimate {
  double value = 0;
  // The two-sided interval of that confidence, 0 to below 1; a higher confidence gives one that is
  // not narrower. Limits may be infinite.
  std::function<Limits(double confidence)> limits;
};

inline constexpr double kConfidence = 0.95;

// candidate - base of two independent figures, by the method of variance estimates recovery (Zou
// and Donner, "Construction of confidence intervals about effect measures", 2008): it needs the
// limits of each alone, and they need not be symmetric.
[[nodiscard]] Estimate difference_of(const Estimate& base, const Estimate& candidate);

// Two-sided: 1 less the confidence from which on the interval holds zero. 1 when every interval
// does.
[[nodiscard]] double p_value_of(const Estimate& difference);

// Holm's step-down correction ("A simple sequentially rejective multiple test procedure", 1979):
// what is at most 0.05 afterwards is significant, and the chance of one false alarm among all of
// them is at most 5%, however they depend on each other. In the order given.
[[nodiscard]] std::vector<double> holm(const std::vector<double>& p_values);

}  // namespace squall::reports
