// The texts of the live view, from figures alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// A span of a second in microseconds: "4.1ms", "> 1h" of what was given up, "n/a" below zero.
[[nodiscard]] std::string span_text(std::int64_t microseconds);
// How much of a second this one is, 0 to 1: the first and the last of a run may be shorter. From
// the time that its workers accounted for; 1 when they did not.
[[nodiscard]] double covered_share(const model::SecondSummary& second, unsigned threads);
// Whose starts a second counts: arrivals, or the iterations of users, which are never due.
enum class Starts : std::uint8_t { kArrivals, kIterations };
// "started 199/s of 200/s due, 180 operations/s acked", "31 iterations/s started, 90 operations/s
// acked": rates of the time that was covered.
[[nodiscard]] std::string rate_text(const model::SecondSummary& second, double covered,
                                    Starts starts);
// "p50 4.1ms  p90 9ms  p99 31ms", "no answers" without any
[[nodiscard]] std::string response_text(const model::SecondSummary& second);
// "timeout 12, reset 3", "none": attempts by class, the most frequent first; dropped arrivals
// included
[[nodiscard]] std::string errors_text(
    const std::array<std::uint64_t, model::kAttemptClassCount>& classes);
// "planned 120, fired 119": all faults together
[[nodiscard]] std::string faults_text(const std::vector<model::FaultCounts>& faults);
// "in flight 7, waiting 0, 64 connections"
[[nodiscard]] std::string flight_text(const model::SecondSummary& second);
// "████████░░░░" of `width` columns for a share from 0 to 1
[[nodiscard]] std::string bar(double share, unsigned width);
// The text cut to `columns` code points.
[[nodiscard]] std::string clipped(const std::string& text, unsigned columns);

}  // namespace squall::reports
