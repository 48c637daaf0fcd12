// How the responses of one second were spread: coarse enough to keep for every second of a run,
// fine enough for a heat map and for telling how much seconds differ from each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "loadgen/model/outcome.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::model {

// A cell is a pair of neighbouring buckets of a histogram of one significant digit: 2 us wide below
// 32 us, above that eight to each doubling (about 9% wide). The last one, kNeverCell, holds what is
// above the range (1 h) and what was given up: larger than any value. Never renumbered, since
// records keep the numbers.
inline constexpr stats::HistogramLayout kCellLayout{3'600'000'000, 1};
[[nodiscard]] std::uint16_t cell_of(std::int64_t microseconds);
[[nodiscard]] std::uint16_t never_cell();
// Both inclusive, microseconds; those of never_cell() lie above the range. REQUIRES: a cell up to
// never_cell().
struct CellRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};
[[nodiscard]] CellRange cell_range(std::uint16_t cell);

// Operations of one step and exposure that ended in one second, by response. Of all phases of the
// second, and only with cells that hold something, rising.
struct ResponseCells {
  std::uint16_t step = 0;  // index into RunRecord::steps, or kOverflowStep
  Exposure exposure = Exposure::kClean;
  std::vector<std::pair<std::uint16_t, std::uint64_t>> counts;  // cell, operations

  bool operator==(const ResponseCells&) const = default;
};

// Adds the values of a histogram (microseconds; kSpanLayout); those of a censored one are larger
// than any value.
void add_to_cells(ResponseCells& cells, const stats::Histogram& responses, bool censored);
// Adds `from` to the entry of the same step and exposure, which need not be in `into` yet.
void merge_cells(std::vector<ResponseCells>& into, const ResponseCells& from);

}  // namespace squall::model
