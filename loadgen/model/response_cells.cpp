#include "loadgen/model/response_cells.hpp"

#include <algorithm>
#include <limits>

#include "loadgen/base/check.hpp"

namespace squall::model {
namespace {

const stats::Histogram& geometry() {
  static const stats::Histogram histogram(kCellLayout);
  return histogram;
}

void add(ResponseCells& cells, std::uint16_t cell, std::uint64_t operations) {
  const auto at = std::lower_bound(cells.counts.begin(), cells.counts.end(), cell,
                                   [](const auto& one, auto value) { return one.first < value; });
  if (at != cells.counts.end() && at->first == cell) {
    at->second += operations;
  } else {
    cells.counts.insert(at, {cell, operations});
  }
}

}  // namespace

std::uint16_t never_cell() {
  return static_cast<std::uint16_t>(geometry().index_of(kCellLayout.highest_trackable) / 2 + 1);
}

std::uint16_t cell_of(std::int64_t microseconds) {
  return microseconds > kCellLayout.highest_trackable
             ? never_cell()
             : static_cast<std::uint16_t>(geometry().index_of(microseconds) / 2);
}

CellRange cell_range(std::uint16_t cell) {
  SQUALL_CHECK(cell <= never_cell());
  const std::size_t first = std::size_t{cell} * 2;
  if (cell == never_cell()) {
    return {kCellLayout.highest_trackable + 1, std::numeric_limits<std::int64_t>::max()};
  }
  return {geometry().lowest_at(first), geometry().highest_at(first + 1)};
}

void add_to_cells(ResponseCells& cells, const stats::Histogram& responses, bool censored) {
  const std::uint64_t never = responses.overflow() + (censored ? responses.count() : 0);
  for (std::size_t i = 0; !censored && i < responses.counts().size(); ++i) {
    if (const std::uint64_t operations = responses.counts()[i]; operations > 0) {
      add(cells, cell_of(responses.lowest_at(i)), operations);
    }
  }
  if (never > 0) {
    add(cells, never_cell(), never);
  }
}

void merge_cells(std::vector<ResponseCells>& into, const ResponseCells& from) {
  const auto same = std::find_if(into.begin(), into.end(), [&](const ResponseCells& one) {
    return one.step == from.step && one.exposure == from.exposure;
  });
  if (same == into.end()) {
    into.push_back(from);
    return;
  }
  for (const auto& [cell, operations] : from.counts) {
    add(*same, cell, operations);
  }
}

}  // namespace squall::model
