// Percentiles of what is kept as cells alone: seconds of several processes together.
#pragma once

#include <cstdint>
#include <span>

#include "loadgen/model/response_cells.hpp"

namespace squall::run {

// Of all operations in those cells together, microseconds: within a cell (9% wide) values count as
// evenly spread. What was given up is larger than any value: then the highest that a histogram
// holds, which means "or more". -1 when the cells are empty. `percentile` from 0 to 100.
[[nodiscard]] std::int64_t percentile_of_cells(std::span<const model::ResponseCells> cells,
                                               double percentile);

}  // namespace squall::run
