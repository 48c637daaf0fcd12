// How sure counted events are: exact limits of Poisson counts, of ratios of rates, and of the
// difference of two shares.
#pragma once

#include <cstdint>

namespace squall::stats {

struct CountInterval {
  double low = 0;
  double high = 0;
};

// Garwood's exact limits for the mean of a Poisson count ("Fiducial limits for the Poisson
// distribution", 1936). `tail` is the chance left on each side. REQUIRES: 0 < tail < 0.5.
[[nodiscard]] CountInterval poisson_interval(std::uint64_t count, double tail = 0.025);

// How many events chance explains at most, when that many were expected: the smallest n with
// P(N > n) <= tail. REQUIRES: expected >= 0.
[[nodiscard]] std::uint64_t poisson_upper_bound(double expected, double tail);

struct RatioInterval {
  double ratio = 0;  // infinity when the second rate is zero
  double low = 0;
  double high = 0;
};

// The ratio of two rates, (count_a / exposure_a) / (count_b / exposure_b), with its 95% interval:
// exact, by the binomial distribution of count_a among both (Przyborowski and Wilenski, 1940).
// Without events on either side 0 to infinity. REQUIRES: exposures above zero.
[[nodiscard]] RatioInterval rate_ratio(std::uint64_t count_a, double exposure_a,
                                       std::uint64_t count_b, double exposure_b);

struct DifferenceInterval {
  double difference = 0;  // share a - share b
  double low = -1;
  double high = 1;
};

// Of two shares, Newcombe's hybrid score interval ("Interval estimation for the difference between
// independent proportions", method 10, 1998), 95%. REQUIRES: hits <= trials, trials above zero.
[[nodiscard]] DifferenceInterval share_difference(std::uint64_t hits_a, std::uint64_t trials_a,
                                                  std::uint64_t hits_b, std::uint64_t trials_b);

}  // namespace squall::stats
