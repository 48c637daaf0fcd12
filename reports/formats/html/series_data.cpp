// What happened over time, in columns: of one second each where the run is short enough.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "reports/formats/html/chart_data.hpp"

namespace squall::reports {
namespace {

using model::SecondSummary;
using nlohmann::ordered_json;

constexpr double kShares[] = {0.5, 0.9, 0.99};
constexpr const char* kNames[] = {"p50", "p90", "p99"};

struct Column {
  std::vector<const SecondSummary*> seconds;
};

std::vector<Column> fill(const model::RunRecord& record, const TimeColumns& columns) {
  std::vector<Column> filled(columns.count);
  for (const SecondSummary& second : record.seconds) {
    filled[columns.column_of(second.second)].seconds.push_back(&second);
  }
  return filled;
}

// All operations of a column, by cell.
std::map<std::uint16_t, std::uint64_t> cells_of(const Column& column) {
  std::map<std::uint16_t, std::uint64_t> merged;
  for (const SecondSummary* second : column.seconds) {
    for (const model::ResponseCells& cells : second->cells) {
      for (const auto& [cell, operations] : cells.counts) {
        merged[cell] += operations;
      }
    }
  }
  return merged;
}

// Between the edges of the cell that holds the rank, as far as the rank is into it.
std::optional<std::int64_t> percentile_of(const std::map<std::uint16_t, std::uint64_t>& cells,
                                          double share) {
  std::uint64_t all = 0;
  for (const auto& [cell, operations] : cells) {
    all += operations;
  }
  double left = share * static_cast<double>(all);
  for (const auto& [cell, operations] : cells) {
    const auto here = static_cast<double>(operations);
    if (here >= left && operations > 0) {
      const model::CellRange range = model::cell_range(cell);
      if (cell == model::never_cell()) {
        return model::kCellLayout.highest_trackable;
      }
      const auto width = static_cast<double>(range.high - range.low + 1);
      return range.low + static_cast<std::int64_t>(std::lround(width * left / here));
    }
    left -= here;
  }
  return std::nullopt;
}

std::int64_t recorded(const SecondSummary& second, std::size_t which) {
  return which == 0   ? second.response_p50_us
         : which == 1 ? second.response_p90_us
                      : second.response_p99_us;
}

ordered_json number_or_null(std::int64_t value) {
  return value < 0 ? ordered_json(nullptr)
                   : ordered_json(std::min(value, model::kCellLayout.highest_trackable));
}

// One second: as recorded, exactly. Several: their cells together, or the worst of them.
ordered_json percentile_in(const Column& column,
                           const std::map<std::uint16_t, std::uint64_t>& cells, std::size_t which) {
  if (column.seconds.size() > 1 && !cells.empty()) {
    const auto value = percentile_of(cells, kShares[which]);
    return value ? ordered_json(*value) : ordered_json(nullptr);
  }
  std::int64_t worst = -1;
  for (const SecondSummary* second : column.seconds) {
    worst = std::max(worst, recorded(*second, which));
  }
  return number_or_null(worst);
}

template <class Get>
ordered_json sums(const std::vector<Column>& columns, Get get) {
  ordered_json values = ordered_json::array();
  for (const Column& column : columns) {
    std::uint64_t sum = 0;
    for (const SecondSummary* second : column.seconds) {
      sum += get(*second);
    }
    values.push_back(column.seconds.empty() ? ordered_json(nullptr) : ordered_json(sum));
  }
  return values;
}

ordered_json failures(const std::vector<Column>& columns, const model::RunRecord& record) {
  ordered_json classes = ordered_json::object();
  for (std::size_t i = 0; i < model::kAttemptClassCount; ++i) {
    const auto how = static_cast<model::AttemptClass>(i);
    const bool happened =
        how != model::AttemptClass::kSuccess &&
        std::any_of(record.seconds.begin(), record.seconds.end(),
                    [i](const SecondSummary& second) { return second.classes[i] > 0; });
    if (happened) {
      classes[std::string(model::to_string(how))] =
          sums(columns, [i](const SecondSummary& second) { return second.classes[i]; });
    }
  }
  return classes;
}

bool has_cells(const model::RunRecord& record) {
  return std::any_of(record.seconds.begin(), record.seconds.end(),
                     [](const SecondSummary& second) { return !second.cells.empty(); });
}

}  // namespace

std::string series_note(const model::RunRecord& record) {
  const TimeColumns columns = time_columns(record, kMostColumns);
  if (columns.width <= 1) {
    return "Each point is one second.";
  }
  return fmt::format("Each point is {} seconds: {}; max is their largest.", columns.width,
                     has_cells(record)
                         ? "p50, p90 and p99 are of all their operations together, within 9%"
                         : "p50, p90 and p99 are those of the worst second among them");
}

ordered_json series_data(const model::RunRecord& record) {
  const TimeColumns columns = time_columns(record, kMostColumns);
  if (columns.count == 0) {
    return nullptr;
  }
  const std::vector<Column> filled = fill(record, columns);
  ordered_json percentiles[3] = {ordered_json::array(), ordered_json::array(),
                                 ordered_json::array()};
  ordered_json highest = ordered_json::array();
  ordered_json seconds = ordered_json::array();
  for (const Column& column : filled) {
    const auto cells =
        columns.width > 1 ? cells_of(column) : std::map<std::uint16_t, std::uint64_t>();
    for (std::size_t i = 0; i < 3; ++i) {
      percentiles[i].push_back(percentile_in(column, cells, i));
    }
    std::int64_t most = -1;
    for (const SecondSummary* second : column.seconds) {
      most = std::max(most, second->response_max_us);
    }
    highest.push_back(number_or_null(most));
    seconds.push_back(column.seconds.size());
  }
  ordered_json data = {
      {"first_second", columns.first_second}, {"width", columns.width}, {"seconds", seconds}};
  for (std::size_t i = 0; i < 3; ++i) {
    data[kNames[i]] = std::move(percentiles[i]);
  }
  data["max"] = std::move(highest);
  data["due"] = sums(filled, [](const SecondSummary& second) { return second.counters.due; });
  data["acked"] = sums(filled, [](const SecondSummary& second) { return second.acked; });
  data["failures"] = failures(filled, record);
  return data;
}

}  // namespace squall::reports
