// Judges one condition of a plan (`require`, `abort_when`) against a run record.
//
// What is measured
//   response              of operations, from the intended start; dropped arrivals count as larger
//   than any value lag, queue, service   of attempts and copies that got that far error_rate
//   operations that were not acked, dropped arrivals included, of all operations attempt_error_rate
//   attempts and copies that did not succeed (squall's own cuts included), of all that were started
//   rate, operations      operations that were not dropped
//   *_effects             operations with that verdict, whole run; unattributed effects are the
//   largest of the oracles
//
// How sure a percentile must be. With at least 10 values above it, it is compared as measured. With
// fewer the samples decide only if they do so at 95%: by the exact binomial limit on the share of
// values beyond the bound (20 answers that all take longer than the bound fail a p99; it takes 299
// without one to pass it). Else the check is inconclusive.
//
// `for Ns` is true when the comparison holds in each of N consecutive seconds, at some time in the
// phase; a second without samples breaks the row.
//
// A breach of the measurement limits makes checks of latency, rates and errors invalid, pass or
// fail, from the breach's second on: totals always, `for` conditions unless the seconds before
// decide. Effects are judged regardless, unless the breach voids them, and except for what is not
// known: undecided keys make a check invalid that they could still turn, and an oracle that never
// came to rest makes invalid what is not proven by then (an effect too many is, a lost one is not).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Pure; never fails: what cannot be judged is invalid or inconclusive with a note.
[[nodiscard]] model::CheckResult evaluate(const expr::Condition& condition,
                                          const model::RunRecord& record);

// "183ms", "0.25%", "12.5/s", "3": a value in the unit of `metric`.
[[nodiscard]] std::string format_value(expr::Metric metric, double value);

// Watches the `abort_when` conditions while a run goes on. A condition without `for` is judged over
// each second alone. One thread.
class AbortWatch {
 public:
  // `duration`: of the measured phase; what ends after it can no longer be stopped. `bounds`: its
  // parts.
  AbortWatch(std::vector<expr::Condition> conditions, Duration duration,
             const model::PhaseBounds& bounds = {});

  // Each second once, in order. Returns the condition that is true now, the first of them in plan
  // order; valid as long as this is. Says so in each second in which it is still true.
  [[nodiscard]] const expr::Condition* add(const model::SecondSummary& second);

 private:
  std::vector<expr::Condition> conditions_;
  Duration duration_;
  model::PhaseBounds bounds_;
  std::vector<std::int64_t> held_;  // consecutive seconds up to the last one, by condition
  std::optional<std::int64_t> last_second_;
};

}  // namespace squall::reports
