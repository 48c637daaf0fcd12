#include "loadgen/run/cell_percentile.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace squall::run {

std::int64_t percentile_of_cells(std::span<const model::ResponseCells> cells, double percentile) {
  std::map<std::uint16_t, std::uint64_t> counts;
  std::uint64_t total = 0;
  for (const model::ResponseCells& one : cells) {
    for (const auto& [cell, operations] : one.counts) {
      counts[cell] += operations;
      total += operations;
    }
  }
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(percentile / 100 * static_cast<double>(total))));
  std::uint64_t below = 0;
  for (const auto& [cell, operations] : counts) {
    if (below + operations >= rank) {
      if (cell == model::never_cell()) {
        return stats::kSpanLayout.highest_trackable;
      }
      const model::CellRange range = model::cell_range(cell);
      const double part = static_cast<double>(rank - below) / static_cast<double>(operations);
      return range.low + std::llround(part * static_cast<double>(range.high - range.low));
    }
    below += operations;
  }
  return -1;
}

}  // namespace squall::run
