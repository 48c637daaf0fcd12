// Many short runs of two sides in turns: what `squall ab` says.
#pragma once

#include <vector>

#include "loadgen/model/comparison.hpp"
#include "reports/compare/compare_runs.hpp"
#include "reports/compare/figures.hpp"

namespace squall::reports {

// A run of each side, one right after the other, of the same seed.
struct Round {
  RunFigures base;
  RunFigures candidate;
};

// Paired: the difference within each round, then the mean over rounds with Student's interval, on
// logarithms for percentiles and closed rates. Shares (errors, achieved) are pooled over the rounds
// with the scatter between them. `noise` are rounds of the base against itself: the difference that
// as many rounds as were compared would show of nothing (95%, from their scatter and that of the
// rounds) is the noise floor, and only what is above it is better or worse. Rounds in which either
// side is invalid or measured nothing are left out, and of effects those in which either side does
// not know them; that is noted, and then nothing but worse can come of the whole.
[[nodiscard]] model::ComparisonReport compare_rounds(const std::vector<Round>& rounds,
                                                     const std::vector<Round>& noise,
                                                     const model::ComparisonSettings& settings,
                                                     const SideNames& names);

}  // namespace squall::reports
