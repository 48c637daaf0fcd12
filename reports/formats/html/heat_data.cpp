// How responses were spread over time. Columns become wider and rows higher until the page stays
// small.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "reports/formats/html/chart_data.hpp"

namespace squall::reports {
namespace {

using nlohmann::ordered_json;

// Of one step and exposure: by column, by row.
using Grid = std::vector<std::map<std::uint16_t, std::uint64_t>>;
using GroupKey = std::pair<int, model::Exposure>;  // step; -1: beyond those that are told apart

struct Detail {
  std::size_t columns;
  std::uint16_t cells_in_a_row;
};
// From fine to coarse. Eight cells make a doubling of the response.
constexpr Detail kDetails[] = {{600, 1}, {400, 1}, {300, 1}, {300, 2}, {200, 2},
                               {150, 2}, {100, 2}, {60, 4},  {30, 8}};
constexpr std::size_t kMostFigures = 60'000;

struct Bounds {
  std::uint16_t low = 0;
  std::uint16_t high = 0;  // of what was answered
  bool any = false;
  bool never = false;
};

Bounds bounds_of(const model::RunRecord& record) {
  Bounds bounds;
  for (const model::SecondSummary& second : record.seconds) {
    for (const model::ResponseCells& cells : second.cells) {
      for (const auto& [cell, operations] : cells.counts) {
        if (cell >= model::never_cell()) {
          bounds.never = true;
          continue;
        }
        bounds.low = bounds.any ? std::min(bounds.low, cell) : cell;
        bounds.high = bounds.any ? std::max(bounds.high, cell) : cell;
        bounds.any = true;
      }
    }
  }
  return bounds;
}

std::uint16_t rows_of(const Bounds& bounds, const Detail& detail) {
  const int cells = bounds.any ? bounds.high - bounds.low + 1 : 1;
  return static_cast<std::uint16_t>((cells + detail.cells_in_a_row - 1) / detail.cells_in_a_row);
}

std::uint16_t row_of(std::uint16_t cell, const Bounds& bounds, const Detail& detail) {
  if (cell >= model::never_cell()) {
    return rows_of(bounds, detail);
  }
  return static_cast<std::uint16_t>((cell - bounds.low) / detail.cells_in_a_row);
}

std::map<GroupKey, Grid> grids_of(const model::RunRecord& record, const TimeColumns& columns,
                                  const Bounds& bounds, const Detail& detail) {
  std::map<GroupKey, Grid> grids;
  for (const model::SecondSummary& second : record.seconds) {
    const std::size_t column = columns.column_of(second.second);
    for (const model::ResponseCells& cells : second.cells) {
      const bool told_apart = cells.step < std::min(record.steps.size(), kMostChartSteps);
      Grid& grid = grids[{told_apart ? cells.step : -1, cells.exposure}];
      grid.resize(columns.count);
      for (const auto& [cell, operations] : cells.counts) {
        grid[column][row_of(cell, bounds, detail)] += operations;
      }
    }
  }
  return grids;
}

std::size_t figures_in(const std::map<GroupKey, Grid>& grids) {
  std::size_t figures = 0;
  for (const auto& [key, grid] : grids) {
    for (const auto& column : grid) {
      figures +=
          1 +
          (column.empty() ? 0 : std::size_t{column.rbegin()->first} - column.begin()->first + 2);
    }
  }
  return figures;
}

// [first row, count of it, of the next, …]
ordered_json column_json(const std::map<std::uint16_t, std::uint64_t>& column) {
  ordered_json figures = ordered_json::array();
  if (column.empty()) {
    return figures;
  }
  const std::uint16_t first = column.begin()->first;
  figures.push_back(first);
  for (const auto& [row, operations] : column) {
    while (figures.size() < std::size_t{row} - first + 1) {
      figures.push_back(0);
    }
    figures.push_back(operations);
  }
  return figures;
}

// Lower edges in us, and the upper one of the last row. What was never answered has a row of its
// own above, which is as high as two.
ordered_json edges_json(const Bounds& bounds, const Detail& detail) {
  ordered_json edges = ordered_json::array();
  for (int cell = bounds.low; cell <= bounds.high; cell += detail.cells_in_a_row) {
    edges.push_back(model::cell_range(static_cast<std::uint16_t>(cell)).low);
  }
  const int last = bounds.low + rows_of(bounds, detail) * detail.cells_in_a_row - 1;
  const auto highest = static_cast<std::uint16_t>(std::min<int>(last, model::never_cell() - 1));
  const std::int64_t top = model::cell_range(highest).high + 1;
  edges.push_back(top);
  if (bounds.never) {
    edges.push_back(top + top / 4 + 1);
  }
  return edges;
}

}  // namespace

ordered_json heat_data(const model::RunRecord& record) {
  const Bounds bounds = bounds_of(record);
  if (!bounds.any && !bounds.never) {
    return nullptr;
  }
  TimeColumns columns;
  std::map<GroupKey, Grid> grids;
  Detail used{};
  for (const Detail& detail : kDetails) {
    used = detail;
    columns = time_columns(record, detail.columns);
    grids = grids_of(record, columns, bounds, detail);
    if (figures_in(grids) <= kMostFigures) {
      break;
    }
  }
  ordered_json groups = ordered_json::array();
  for (const auto& [key, grid] : grids) {
    ordered_json list = ordered_json::array();
    for (const auto& column : grid) {
      list.push_back(column_json(column));
    }
    groups.push_back({{"step", key.first},
                      {"exposure", model::to_string(key.second)},
                      {"columns", std::move(list)}});
  }
  return {{"start", columns.first_second},
          {"width", columns.width},
          {"edges", edges_json(bounds, used)},
          {"never", bounds.never},
          {"row_percent", used.cells_in_a_row == 1   ? 9
                          : used.cells_in_a_row == 2 ? 19
                          : used.cells_in_a_row == 4 ? 41
                                                     : 100},
          {"groups", std::move(groups)}};
}

}  // namespace squall::reports
