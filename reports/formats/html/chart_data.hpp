// The figures of report.html's charts as one JSON object, which stands in the page and which its
// script draws. Whatever the run's length it stays small: long runs are summed up by columns of
// several seconds.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Seconds of a run in columns of equal width.
struct TimeColumns {
  std::int64_t first_second = 0;
  std::int64_t width = 1;  // seconds
  std::size_t count = 0;   // none: the record has no seconds

  // REQUIRES: a second of the record.
  [[nodiscard]] std::size_t column_of(std::int64_t second) const {
    const auto beyond_first =
        static_cast<std::uint64_t>(second) - static_cast<std::uint64_t>(first_second);
    return static_cast<std::size_t>(beyond_first / static_cast<std::uint64_t>(width));
  }
};
// The narrowest columns of which there are at most `most`.
[[nodiscard]] TimeColumns time_columns(const model::RunRecord& record, std::size_t most);

inline constexpr std::size_t kMostColumns = 600;
// Steps that charts tell apart; what is beyond them is in "all steps".
inline constexpr std::size_t kMostChartSteps = 24;

// Where the percentiles of the chart over time come from, in words for people.
[[nodiscard]] std::string series_note(const model::RunRecord& record);

// Percentiles, offered, acknowledged, failures by class, per column.
[[nodiscard]] nlohmann::ordered_json series_data(const model::RunRecord& record);
// Counts by column, row of response, step and exposure; null when the record has no cells.
[[nodiscard]] nlohmann::ordered_json heat_data(const model::RunRecord& record);
// Percentiles with their intervals, of all steps and of each, by exposure.
[[nodiscard]] nlohmann::ordered_json curve_data(const model::RunRecord& record);
// Phases, faults, actions, and from when on the measurement is invalid.
[[nodiscard]] nlohmann::ordered_json band_data(const model::RunRecord& record);
// The stages of a search for the capacity; null when there was none.
[[nodiscard]] nlohmann::ordered_json capacity_data(const model::RunRecord& record);

// All of it, as text that may stand in a <script type="application/json">: without "<".
[[nodiscard]] std::string chart_data(const model::RunRecord& record);

}  // namespace squall::reports
