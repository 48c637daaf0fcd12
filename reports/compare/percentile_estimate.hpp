// The percentile of responses whose seconds are not alike.
#pragma once

#include <optional>
#include <vector>

#include "loadgen/model/response_cells.hpp"
#include "loadgen/model/run_record.hpp"
#include "reports/compare/clusters.hpp"

namespace squall::reports {

// When a second began that belongs to the measured phase; nothing for others.
[[nodiscard]] std::optional<Duration> measured_at(const model::RunRecord& record,
                                                  const model::SecondSummary& second);

// Operations of a step and exposure in the measured phase, and how they were spread over its
// seconds. Borrows the record.
struct ResponseSample {
  stats::Histogram response;  // microseconds; what never ended in the overflow
  std::vector<const model::ResponseCells*> seconds;  // those with operations, in order
  std::vector<std::size_t> strata;                   // parallel: the phase of the plan
};
[[nodiscard]] ResponseSample response_sample(const model::RunRecord& record, std::uint16_t step,
                                             model::Exposure exposure);

// Operations above a value, by their cells; the one that the value falls into is shared out evenly.
[[nodiscard]] double operations_above(const model::ResponseCells& cells, double microseconds);
[[nodiscard]] double operations_in(const model::ResponseCells& cells);

// The natural logarithm of the percentile, in microseconds. Its limits are order statistics: the
// percentile's own share is given the interval that the scatter of the seconds' shares above the
// percentile allows (Woodruff, "Confidence intervals for medians and other position measures",
// 1952), and the limits of the share are looked up among the values. Without seconds, or with
// fewer than two batches of them, the limits are infinite. REQUIRES: a sample that is not empty.
[[nodiscard]] Estimate log_percentile(const ResponseSample& sample, double percentile);

}  // namespace squall::reports
