// What a comparison of runs came to: metric by metric, with how sure each difference is. A part of
// the run record of a run with a baseline, and a document of its own. Values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

namespace squall::model {

// Ordered by what counts for the whole: one metric that is worse makes the comparison worse.
enum class ComparisonVerdict : std::uint8_t {
  kSame,          // shown: the whole interval lies within the tolerance
  kBetter,        // surely lower (or higher, where more is better), and by more than the tolerance
  kInconclusive,  // neither could be shown
  kWorse,
};
inline constexpr std::size_t kComparisonVerdictCount = 4;
[[nodiscard]] std::string_view to_string(
    ComparisonVerdict value);  // "same", "better", "inconclusive", "worse"

// How the difference of a metric is told.
enum class ComparisonScale : std::uint8_t {
  kRatio,   // candidate / base - 1
  kPoints,  // candidate - base, both shares
  kCount,   // candidate - base, both counts
};
inline constexpr std::size_t kComparisonScaleCount = 3;
[[nodiscard]] std::string_view to_string(ComparisonScale value);  // "ratio", "points", "count"

// Where the runs came from.
enum class ComparisonMethod : std::uint8_t {
  kTwoRuns,  // one run each: what differs from run to run is not in the intervals
  kRounds,   // runs of both in turns, as pairs
};
inline constexpr std::size_t kComparisonMethodCount = 2;
[[nodiscard]] std::string_view to_string(ComparisonMethod value);  // "two runs", "rounds"

struct MetricComparison {
  std::string metric;  // "response p99", "error_rate", "achieved", "rate", "duplicate_effects", …
  std::string step;    // full name
  std::string exposure;  // "clean", "faulted"; empty: both
  ComparisonScale scale = ComparisonScale::kRatio;
  bool measured = false;  // false: only `note` says something, and the verdict is inconclusive
  double base = 0;        // microseconds, a share, per second, or a count
  double candidate = 0;
  double difference = 0;  // by `scale`
  double low = 0;         // of the 95% interval of the difference
  double high = 0;
  double tolerance = 0;    // the least difference that matters, by `scale`; never negative
  double noise_floor = 0;  // the difference that rounds of the same thing have; 0: not known
  double p_value = 0;      // two-sided, after Holm's correction for the number of metrics
  ComparisonVerdict verdict = ComparisonVerdict::kInconclusive;
  std::string note;  // one sentence; empty: nothing to add
};

struct ComparisonReport {
  ComparisonMethod method = ComparisonMethod::kTwoRuns;
  std::string base;  // a run's directory, or a URL: outside text, as the next
  std::string candidate;
  std::uint32_t rounds = 0;        // pairs that were compared; 0 with two runs
  std::uint32_t noise_rounds = 0;  // pairs of base against itself
  std::vector<MetricComparison> metrics;
  ComparisonVerdict verdict = ComparisonVerdict::kInconclusive;
  std::vector<std::string> notes;  // sentences: what limits the comparison
};

// "buy.charge clean response p99".
[[nodiscard]] std::string name_of(const MetricComparison& metric);

// What is compared, and what differences do not matter. Shares are those of the base's value for
// responses and closed rates, points for error rates and achieved shares.
struct ComparisonSettings {
  double response = 0.05;
  // By percentile, in the order of kComparedPercentiles; negative: `response`.
  std::vector<double> response_at = {-1, -1, -1, -1};
  Duration response_slack = std::chrono::microseconds(100);  // at least, whatever the share says
  double error_rate = 0.001;
  double rate = 0.01;
  std::vector<std::string> metrics;  // of kComparedMetrics; empty: all

  [[nodiscard]] bool wants(std::string_view metric) const;
  // REQUIRES: an index into kComparedPercentiles.
  [[nodiscard]] double response_tolerance(std::size_t percentile) const;
};
inline constexpr double kComparedPercentiles[] = {50, 90, 99, 99.9};
// What `metrics` may name; "rate" means "achieved" too, "effects" all counts of effects.
inline constexpr std::string_view kComparedMetrics[] = {
    "response p50", "response p90", "response p99", "response p99.9",
    "error_rate",   "rate",         "effects"};

// The document that `squall compare --as json` and `squall ab` write; schema-versioned. Fails as
// record_from_json does.
[[nodiscard]] std::string to_json(const ComparisonReport& report);
[[nodiscard]] Result<ComparisonReport> comparison_from_json(std::string_view text);

}  // namespace squall::model
