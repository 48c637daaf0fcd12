// The language of `require` and `abort_when`: one grammar, parsed before the run.
//
//   buy.charge clean response p99 < 100ms        duplicate_effects == 0        error_rate > 50% for
//   5s
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/expr/expectation.hpp"

namespace squall::expr {

enum class Metric {
  // of a span's distribution; durations
  kPercentile,
  kMean,
  kMax,
  // of operations, over the selected ones
  kErrorRate,   // share that was not acked
  kRate,        // operations completed per second
  kOperations,  // count
  // of attempts
  kAttemptErrorRate,
  kAttempts,
  kDropped,  // arrivals never started
  // of a run whose measured phase has a fault phase; a duration, from the end of that one
  kTimeToRecover,
  // of effects; whole run, all that was ever sent
  kDuplicateEffects,
  kLostEffects,
  kPhantomEffects,
  kUnattributedEffects,
  kUndecidedEffects,
};
enum class SpanName { kResponse, kLag, kQueue, kService };
enum class ExposureSelector { kAny, kClean, kFaulted };
// The words "measured" (all of it, split into phases or not), "warmup", "all", "baseline", "fault",
// "recovery".
enum class PhaseSelector { kMeasured, kWarmup, kAll, kBaseline, kFault, kRecovery };
enum class MetricUnit { kDuration, kShare, kRate, kCount };

[[nodiscard]] MetricUnit unit_of(Metric metric);
[[nodiscard]] bool is_effect_metric(Metric metric);

// A parsed condition. A value. Selectors that the metric cannot have are parse errors: a span
// belongs to percentiles, mean and max; effect counts cover the whole run and both exposures, and
// unattributed effects belong to no step; dropped arrivals were never touched by a fault; the
// time to recover belongs to one phase and takes no "for".
struct Condition {
  std::string step;  // "buy.charge" or "buy" (all its steps); empty: all
  ExposureSelector exposure = ExposureSelector::kAny;
  PhaseSelector phase = PhaseSelector::kMeasured;
  SpanName span = SpanName::kResponse;
  Metric metric = Metric::kErrorRate;
  double percentile = 0;  // for kPercentile: 0 < p <= 100
  Comparison comparison = Comparison::kLess;
  double bound = 0;                   // ns, share 0..1, per second or count, by unit_of(metric)
  std::optional<Duration> sustained;  // "for 5s": in each of that many consecutive seconds
  std::string source;                 // as written

  [[nodiscard]] bool holds(double value) const;
};

// Selectors stand in this order: step, clean|faulted, warmup|measured|baseline|fault|recovery|all,
// span, metric. A share is written with its %, a rate with its /s; 0 needs no unit. On failure:
// kInvalidArgument; where.column is the column inside `text` (from 1; no file); the message quotes
// the word and names what could stand there.
[[nodiscard]] Result<Condition> parse_condition(std::string_view text);

// Whether the word has a meaning in conditions, so that no scenario may be called so ("response",
// "p99", "warmup").
[[nodiscard]] bool is_condition_word(std::string_view word);

// The grammar of conditions, expectations and extractions in EBNF, as printed in plans/README.md.
[[nodiscard]] std::string_view condition_grammar();

}  // namespace squall::expr
