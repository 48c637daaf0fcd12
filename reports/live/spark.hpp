// Small pictures of how figures went, in characters.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// "▁▂▄█": the last `width` values, each as high as its share of the largest one shown; a negative
// value is one that is not known, and blank.
[[nodiscard]] std::string sparkline(const std::vector<double>& values, unsigned width);

// How responses were spread over time: rows from slow to fast, a column for each of the last
// seconds, darker where more operations of that second are.
struct HeatRow {
  std::string label;  // "100ms": the row's lower end; "given up" of what never ended
  std::string cells;  // " ░▒▓█", a code point for each second
};
// As many rows as fit the responses there were, at most `rows`; none without responses.
[[nodiscard]] std::vector<HeatRow> heat_rows(const std::deque<model::SecondSummary>& seconds,
                                             unsigned width, unsigned rows);

}  // namespace squall::reports
