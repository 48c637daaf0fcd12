// Picks cells of a run record and merges them: what checks, findings and reports count and measure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "loadgen/model/run_record.hpp"

namespace squall::model {

// Which cells. A value. `step` is a full name ("buy.charge"), a scenario ("buy": all its steps) or
// empty (all, with what was beyond the cap of cells).
struct CellFilter {
  std::string_view step;
  std::optional<Exposure> exposure;
  // kMeasured: all of the measured phase, split or not; empty: the warm-up too.
  std::optional<Phase> phase = Phase::kMeasured;
};

// Whether the selector (as in CellFilter) means the step of that full name.
[[nodiscard]] bool selects_step(std::string_view selector, std::string_view full_name);

// Counts of the chosen operations. Dropped arrivals are among them, as not_sent.
struct OperationCounts {
  std::array<std::uint64_t, kOperationOutcomeCount> outcomes{};  // by OperationOutcome
  std::uint64_t dropped = 0;                                     // arrivals that were never started
  std::uint64_t unanswered = 0;  // sent, and given up when the drain ended
  [[nodiscard]] std::uint64_t total() const;
};
[[nodiscard]] OperationCounts count_operations(const RunRecord& record, const CellFilter& filter);

// Attempts and copies by AttemptClass; dropped arrivals stand under their class.
[[nodiscard]] std::array<std::uint64_t, kAttemptClassCount> count_attempts(
    const RunRecord& record, const CellFilter& filter);

// Response of operations, microseconds. Those that were given up before they had ended (dropped
// arrivals, and what had no answer when the drain ended) are in overflow(): larger than any value.
// At the time they had waited by then they would make a full queue or a dead target look fast.
[[nodiscard]] stats::Histogram response_of_operations(const RunRecord& record,
                                                      const CellFilter& filter);

// One span of attempts (queue, service: microseconds; lag: nanoseconds). The response, queue and
// service of attempts that were given up are in overflow(), as above.
enum class AttemptSpan : std::uint8_t { kResponse, kQueue, kService, kLag };
[[nodiscard]] stats::Histogram span_of_attempts(const RunRecord& record, const CellFilter& filter,
                                                AttemptSpan span);

}  // namespace squall::model
