// Finding the edge at which requests that are off in time stop being accepted.
#pragma once

#include <cstdint>
#include <functional>

#include "loadgen/base/result.hpp"
#include "loadgen/model/skew.hpp"

namespace squall::run {

struct SkewAnswers {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
};

// Asks some times at a distance from the true time, which is a multiple of the resolution.
using AskAtDistance = std::function<Result<SkewAnswers>(Duration distance)>;

// Doubles the distance from `resolution` on until something is refused or `to` is tried, then
// bisects the gap until it is no wider than `resolution`; where answers differ at one distance it
// looks for the end of that zone, too. A zone no wider than the rounding of two clocks to whole
// seconds is an edge, not flapping. Zero distance is taken for accepted. Fails with the error of
// `ask`. REQUIRES: 0 < resolution <= to.
[[nodiscard]] Result<model::SkewEdge> find_skew_edge(Duration resolution, Duration to,
                                                     const AskAtDistance& ask);

}  // namespace squall::run
