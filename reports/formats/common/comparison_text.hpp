// Comparisons in words and figures, the same in every format.
#pragma once

#include <string>
#include <string_view>

#include "loadgen/model/comparison.hpp"
#include "reports/formats/common/style.hpp"

namespace squall::reports {

// "worse: buy.charge clean response p99 +12.3% (+8.1% to +16.8%), 20.1ms to 22.6ms; 5 of 6 metrics
// are the same": the comparison in one sentence.
[[nodiscard]] std::string comparison_sentence(const model::ComparisonReport& report);
// "10 rounds in turns after 3 of the base against itself", "one run each".
[[nodiscard]] std::string comparison_method(const model::ComparisonReport& report);

// Cells of a table of metrics.
[[nodiscard]] std::string base_text(const model::MetricComparison& metric);
[[nodiscard]] std::string candidate_text(const model::MetricComparison& metric);
// "+4.8%", "+0.12pt" (points), "+3"; "n/a" when it was not measured.
[[nodiscard]] std::string difference_text(const model::MetricComparison& metric);
// "+2.0% to +7.7%"; "exact" for counts; "n/a" without one.
[[nodiscard]] std::string interval_text(const model::MetricComparison& metric);
// "5%", and what the noise floor makes of it: "5%, noise 6.2%".
[[nodiscard]] std::string tolerance_text(const model::MetricComparison& metric);

[[nodiscard]] Tone tone_of(model::ComparisonVerdict verdict);

// The whole comparison for a terminal, without a heading, and for a pull request.
[[nodiscard]] std::string terminal_comparison(const model::ComparisonReport& report,
                                              std::size_t width, const Style& style);
[[nodiscard]] std::string markdown_comparison(const model::ComparisonReport& report,
                                              std::size_t most_rows);

}  // namespace squall::reports
