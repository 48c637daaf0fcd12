#include "reports/live/spark.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "loadgen/base/units.hpp"
#include "loadgen/model/response_cells.hpp"

namespace squall::reports {
namespace {

constexpr std::array<std::string_view, 8> kHeights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 5> kShades = {" ", "░", "▒", "▓", "█"};

// From above nothing to everything in four steps, each four times the one before: a few slow
// operations among thousands are what is looked for.
std::string_view shade_of(std::uint64_t operations, std::uint64_t all) {
  if (operations == 0) {
    return kShades[0];
  }
  const double share = static_cast<double>(operations) / static_cast<double>(all);
  if (share < 1.0 / 64) {
    return kShades[1];
  }
  if (share < 1.0 / 16) {
    return kShades[2];
  }
  return share < 1.0 / 4 ? kShades[3] : kShades[4];
}

using Cells = std::vector<std::uint64_t>;  // operations by cell

struct Columns {
  std::vector<Cells> seconds;
  std::uint16_t lowest = model::never_cell();
  std::uint16_t highest = 0;  // of what ended
  bool any = false;
  bool any_never = false;
};

Columns columns_of(const std::deque<model::SecondSummary>& seconds, unsigned width) {
  Columns columns;
  const std::size_t first = seconds.size() > width ? seconds.size() - width : 0;
  for (std::size_t i = first; i < seconds.size(); ++i) {
    Cells& cells = columns.seconds.emplace_back(std::size_t{model::never_cell()} + 1);
    for (const model::ResponseCells& one : seconds[i].cells) {
      for (const auto& [cell, operations] : one.counts) {
        cells.at(cell) += operations;
        if (cell == model::never_cell()) {
          columns.any_never = true;
          continue;
        }
        columns.any = true;
        columns.lowest = std::min(columns.lowest, cell);
        columns.highest = std::max(columns.highest, cell);
      }
    }
  }
  return columns;
}

HeatRow row_of(const Columns& columns, std::size_t from, std::size_t to) {
  HeatRow row;
  for (const Cells& cells : columns.seconds) {
    std::uint64_t all = 0;
    std::uint64_t here = 0;
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
      all += cells[cell];
      here += cell >= from && cell < to ? cells[cell] : 0;
    }
    row.cells += shade_of(here, all);
  }
  return row;
}

std::string label_of(std::size_t cell) {
  const auto low = model::cell_range(static_cast<std::uint16_t>(cell)).low;
  // Two digits are enough to read a row by.
  const double digits = low > 0 ? std::floor(std::log10(static_cast<double>(low))) : 0;
  const double unit = std::pow(10, std::max(digits - 1, 0.0));
  return format_duration(std::chrono::microseconds(
      static_cast<std::int64_t>(std::round(static_cast<double>(low) / unit) * unit)));
}

}  // namespace

std::string sparkline(const std::vector<double>& values, unsigned width) {
  const std::size_t first = values.size() > width ? values.size() - width : 0;
  double highest = 0;
  for (std::size_t i = first; i < values.size(); ++i) {
    highest = std::max(highest, values[i]);
  }
  std::string text;
  for (std::size_t i = first; i < values.size(); ++i) {
    if (values[i] < 0) {
      text += " ";
      continue;
    }
    const double share = highest > 0 ? values[i] / highest : 0;
    const auto step = static_cast<std::size_t>(std::ceil(share * kHeights.size()));
    text += kHeights[step == 0 ? 0 : step - 1];
  }
  return text;
}

std::vector<HeatRow> heat_rows(const std::deque<model::SecondSummary>& seconds, unsigned width,
                               unsigned rows) {
  const Columns columns = columns_of(seconds, width);
  std::vector<HeatRow> lines;
  if (rows == 0 || (!columns.any && !columns.any_never)) {
    return lines;
  }
  if (columns.any_never) {
    lines.push_back(row_of(columns, model::never_cell(), columns.seconds.front().size()));
    lines.back().label = "given up";
    --rows;
  }
  if (!columns.any || rows == 0) {
    return lines;
  }
  const std::size_t cells = std::size_t{columns.highest} - columns.lowest + 1;
  const std::size_t step = (cells + rows - 1) / rows;
  const std::size_t bands = (cells + step - 1) / step;
  for (std::size_t band = bands; band-- > 0;) {
    const std::size_t from = columns.lowest + band * step;
    lines.push_back(row_of(columns, from, std::min<std::size_t>(from + step, model::never_cell())));
    lines.back().label = label_of(from);
  }
  return lines;
}

}  // namespace squall::reports
