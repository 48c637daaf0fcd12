// The regularised incomplete beta function, which the binomial and Student's distribution come
// down to.
#pragma once

namespace squall::stats {

// I_x(a, b): the distribution function of Beta(a, b) at x; 0 below 0, 1 above 1. REQUIRES: a and b
// above 0.
[[nodiscard]] double beta_cdf(double a, double b, double x);

}  // namespace squall::stats
