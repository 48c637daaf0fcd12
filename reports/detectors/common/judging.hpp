// What the detectors of failures that spread have in common: figures of a phase, comparisons with
// the baseline, and findings.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/dependency_view.hpp"
#include "loadgen/model/recovery.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/selection.hpp"
#include "loadgen/stats/counts.hpp"

namespace squall::reports {

// The operations of some steps in one phase. `steps`: selectors as in CellFilter; none: all.
struct PhaseFigures {
  std::uint64_t operations = 0;
  std::uint64_t errors = 0;  // not acked, dropped arrivals included
  std::array<std::uint64_t, model::kAttemptClassCount> classes{};  // of attempts
  std::uint64_t attempts = 0;                                      // that were started
  stats::Histogram response{stats::kSpanLayout};  // of operations; given up ones in the overflow
  stats::Histogram service{stats::kSpanLayout};   // of attempts
};
[[nodiscard]] PhaseFigures figures_of(const model::RunRecord& record,
                                      const std::vector<std::string>& steps, model::Phase phase);
// The fault phase and what followed it together: what a change of an instant led to.
[[nodiscard]] PhaseFigures figures_since_fault(const model::RunRecord& record,
                                               const std::vector<std::string>& steps);

// "buy.charge, look", or "all steps".
[[nodiscard]] std::string names_text(const std::vector<std::string>& steps);

// The recovery of the step that was as before last, or was not at all; without steps, that of all
// together.
[[nodiscard]] model::Recovery slowest_recovery(const model::RunRecord& record,
                                               const std::vector<std::string>& steps,
                                               const model::RecoverySettings& settings);

// A finding that has not been judged yet. `subject`: what it is about, part of its id.
[[nodiscard]] model::Finding finding_of(std::string_view detector, std::string_view subject);

// Makes it inconclusive or invalid, for that reason.
void set_inconclusive(model::Finding& finding, std::string why);
void set_invalid(model::Finding& finding, std::string why);

// The self-check: whether what the generator measured of latency or rates can be believed; else the
// finding becomes invalid and the result is false.
[[nodiscard]] bool generator_is_sound(const model::RunRecord& record, model::Finding& finding);
// Whether there is a baseline, most of it well, and a fault phase to compare; else the finding
// becomes inconclusive. `least`: operations that each needs.
[[nodiscard]] bool can_compare(const model::RunRecord& record, const PhaseFigures& baseline,
                               const PhaseFigures& other, std::uint64_t least,
                               model::Finding& finding);

// How the share of errors grew.
struct ErrorGrowth {
  stats::DifferenceInterval difference;
  std::string text;  // "errors: 12 of 300 (4%), 0 of 400 (0%) in the baseline; more by 4%, 95%
                     // interval 2.1% to 6.9%"
  // By more than `margin`, and not by chance.
  [[nodiscard]] bool is_more_than(double margin) const {
    return difference.difference > margin && difference.low > 0;
  }
};
// REQUIRES: both have operations.
[[nodiscard]] ErrorGrowth error_growth(const PhaseFigures& baseline, const PhaseFigures& other);

// How many values were slower than a limit.
struct Slower {
  std::uint64_t beyond = 0;
  std::uint64_t of = 0;
  double low = 0;    // 95% limit of the share
  std::string text;  // "9 of 300 (3%, at least 1.5%) took longer than 180ms"
};
[[nodiscard]] Slower slower_than(const stats::Histogram& microseconds, Duration limit);
// `times` the baseline's p99, and at least `slack` above it.
[[nodiscard]] Duration slow_limit(const PhaseFigures& baseline, double times, Duration slack);

// Values of a histogram, evenly taken, rising: microseconds; for resampling.
[[nodiscard]] std::vector<double> sample_of(const stats::Histogram& histogram,
                                            std::size_t most = 1000);

// Calls of a dependency's proxy in the whole seconds of [from, to), connections that a fault
// refused included; and arrivals that were due in the same seconds.
struct CallFigures {
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;  // whose caller got no success
  std::uint64_t inbound = 0;
};
[[nodiscard]] CallFigures calls_between(const model::RunRecord& record,
                                        const model::DependencyProxy& proxy, Duration from,
                                        Duration to);
// The proxies that a detector looks at: the one of that name, or all of the view.
[[nodiscard]] std::vector<const model::DependencyProxy*> proxies_of(const model::RunRecord& record,
                                                                    const std::string& name);

// "4.2%", "180ms".
[[nodiscard]] std::string percent(double share);
[[nodiscard]] std::string time_text(double microseconds);

}  // namespace squall::reports
