// What several formats show of a record, computed once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/model/run_record.hpp"
#include "loadgen/model/selection.hpp"

namespace squall::reports {

// One row of the table of steps: the measured phase of one step and exposure.
struct StepRow {
  std::string step;  // as in the record: outside text
  model::Exposure exposure = model::Exposure::kClean;
  model::OperationCounts counts;
  std::uint64_t errors = 0;   // operations that were not acked, dropped arrivals included
  double per_second = 0;      // operations that were not dropped, whenever they ended
  double offered = 0;         // all of them per second of the measured phase; 0: not told
  stats::Histogram response;  // microseconds; dropped arrivals in the overflow
};
// Rows without operations are left out.
[[nodiscard]] std::vector<StepRow> step_rows(const model::RunRecord& record);

// What was acknowledged of a row, when something else was not: fast refusals pull percentiles down,
// timeouts pull them up. Nothing when the row says the same, or nothing was acknowledged.
[[nodiscard]] std::optional<StepRow> acked_row(const model::RunRecord& record, const StepRow& row);

// Operations of the measured phase that no row shows, since they were beyond the cap of cells.
[[nodiscard]] std::uint64_t uncelled_operations(const model::RunRecord& record);

// "47.1ms", or "n/a" when fewer than ten values lie above it; "> 1h" when it falls on operations
// that never ended.
[[nodiscard]] std::string percentile_text(const stats::Histogram& microseconds, double percentile);
// "45.2ms to 49.0ms": the 95% interval; "n/a" likewise.
[[nodiscard]] std::string interval_text(const stats::Histogram& microseconds, double percentile);
[[nodiscard]] std::string max_text(const stats::Histogram& microseconds);
[[nodiscard]] std::string microseconds_text(std::int64_t microseconds);

// Attempts of the whole run that did not succeed, by class, the most frequent first.
[[nodiscard]] std::vector<std::pair<model::AttemptClass, std::uint64_t>> errors_by_class(
    const model::RunRecord& record);

// What answers did not keep, the most frequent first, at most kMostUnmet of each step.
inline constexpr std::size_t kMostUnmet = 5;
// Attempts by the status of their answer, warm-up included, lowest first: "200 4980, 503 38; 12
// without an answer". Empty when the record says nothing of it.
[[nodiscard]] std::string statuses_text(const model::RunRecord& record);
// The kinds of ending that are failures, most frequent first.
[[nodiscard]] std::vector<model::RecordedEnding> failed_endings(const model::RunRecord& record);
[[nodiscard]] std::vector<model::UnmetDemand> most_unmet(const model::RunRecord& record);

// Lines about the instrument: lag, achieved starts, loop, CPU, connections.
[[nodiscard]] std::vector<std::string> self_watch_lines(const model::RunRecord& record);

// The one line that says what was fired: engine, threads, duration, rate.
[[nodiscard]] std::string load_line(const model::RunRecord& record);

// One line for each scenario: its model and where its iterations came from; then, after a closed
// run, why it shows no capacity. Empty for records that do not know.
[[nodiscard]] std::vector<std::string> model_lines(const model::RunRecord& record);

// By verdict or outcome.
[[nodiscard]] std::uint64_t count_of(const model::EffectCounts& counts,
                                     model::EffectVerdict verdict);
[[nodiscard]] std::uint64_t count_of(const model::EffectCounts& counts,
                                     model::OperationOutcome outcome);

// "2 effects"; "effects not known" of an undecided operation.
[[nodiscard]] std::string effects_text(const model::EffectCase& wrong);

// The evidence of a finding, for reports that list the cases of effects themselves: blocks of
// detail (a line that is followed by indented ones) are left out when there are such cases.
[[nodiscard]] std::vector<std::string> evidence_without_details(const model::RunRecord& record,
                                                                const model::Finding& finding);

// `command` with its placeholder DIR (a word, or the beginning of a path) replaced by the quoted
// directory, when that is known.
[[nodiscard]] std::string with_directory(const std::string& command, const std::string& directory);

// "5.2%" of a whole; "n/a" without one.
[[nodiscard]] std::string share_text(std::uint64_t part, std::uint64_t whole);

// "FAIL", "PASS", "INVALID", "INCONCLUSIVE".
[[nodiscard]] std::string verdict_word(model::Verdict verdict);

}  // namespace squall::reports
