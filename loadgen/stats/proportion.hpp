// How sure a counted share is: exact binomial intervals.
#pragma once

#include <cstdint>

namespace squall::stats {

struct ProportionInterval {
  double share = 0;  // hits / trials; 0 without trials
  double low = 0;
  double high = 1;
};

// The interval of Clopper and Pearson ("The use of confidence or fiducial limits", 1934): never
// covers the true share less often than it says. `tail` is the chance left on each side: 0.025
// gives the two-sided 95% interval, 0.05 two one-sided 95% limits. Zero hits give low 0, hits equal
// to trials give high 1; no trials give 0 to 1. REQUIRES: hits <= trials, 0 < tail < 0.5.
[[nodiscard]] ProportionInterval proportion_interval(std::uint64_t hits, std::uint64_t trials,
                                                     double tail = 0.025);

}  // namespace squall::stats
