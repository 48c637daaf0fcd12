// Operations and figures of a run as OTLP/HTTP takes them, in the JSON encoding of the protocol
// (OpenTelemetry protocol 1.x: ids in lower-case hexadecimal, 64-bit integers as decimal text,
// enumerations as numbers).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/model/operation_span.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::reports {

// Whose telemetry it is: the resource of everything that is sent. A value.
struct OtlpSource {
  std::string version;  // of squall
  std::string plan;
  std::string run_id;
  std::uint64_t seed = 0;
  model::Shard shard;
  std::vector<std::string> steps;  // by index
};
[[nodiscard]] OtlpSource otlp_source(const model::Plan& plan, std::string squall_version);

// The body for /v1/traces: one span for each operation, from its intended start to its end, under
// the ids that its requests carry (base/trace_ids.hpp). `zero` is the wall clock's t = 0.
[[nodiscard]] std::string otlp_traces(const OtlpSource& source, WallTime zero,
                                      std::span<const model::OperationSpan> spans);

// The figures of a run, second after second. Cumulative from `start`, which is before the first
// second. Not thread-safe.
class OtlpFigures {
 public:
  // As MetricsView: operations of steps beyond these stand under "(other)".
  static constexpr std::size_t kLabelledSteps = 100;

  explicit OtlpFigures(WallTime start = {}) : start_(start) {}
  void add(const model::SecondSummary& second);
  // The body for /v1/metrics.
  [[nodiscard]] std::string json(const OtlpSource& source, WallTime now) const;

 private:
  WallTime start_;
  model::Counters totals_;
  std::uint64_t acked_ = 0;
  std::uint64_t not_acked_ = 0;
  std::array<std::uint64_t, model::kAttemptClassCount> classes_{};
  std::vector<model::ResponseCells> cells_;
  std::uint32_t in_flight_ = 0;  // as the next three: of the last second
  std::uint32_t waiting_ = 0;
  std::uint32_t connections_ = 0;
  std::int64_t lag_p99_ns_ = -1;
};

// What a collector says in an answer of status 200 that it did not take everything.
struct OtlpRefusal {
  std::uint64_t rejected = 0;
  std::string message;  // the collector's own words
};
// Of a body from outside; nothing is refused by one that is not understood. `counted`:
// "rejectedSpans" or "rejectedDataPoints".
[[nodiscard]] OtlpRefusal otlp_refusal(std::string_view body, std::string_view counted);

}  // namespace squall::reports
