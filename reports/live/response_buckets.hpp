// Responses in buckets with fixed bounds, as monitoring systems keep histograms.
#pragma once

#include <cstdint>
#include <vector>

#include "loadgen/model/response_cells.hpp"

namespace squall::reports {

// A value. The bounds are those of every histogram: 64 us to 201 s, two for each doubling, where
// cells end, so that no operation is counted on the wrong side of one.
struct ResponseBuckets {
  std::vector<std::int64_t> bounds_us;  // rising; a bucket holds what is at or below its bound
  std::vector<std::uint64_t> counts;    // one more: the last holds what is above, and what was
                                        // given up. Not cumulative
  double sum_seconds = 0;  // within 6%, without what was given up: that has no response
};
[[nodiscard]] ResponseBuckets buckets_of(const model::ResponseCells& cells);

}  // namespace squall::reports
