#include "tests/support/hour_record.hpp"

#include "loadgen/base/rng.hpp"
#include "tests/support/sample_record.hpp"

namespace squall::testing {
namespace {

using model::Exposure;
using model::RunRecord;

constexpr std::int64_t kSeconds = 3600;
constexpr std::uint16_t kSteps = 5;
constexpr std::uint64_t kOperations = 200;  // of a step in a second

bool is_slow(std::int64_t second) {
  return second >= 1200 && second < 1800;
}

std::int64_t response_of(Rng& rng, std::uint16_t step, std::int64_t second) {
  const std::int64_t base = 2'000 + 3'000 * step + static_cast<std::int64_t>(rng.next_below(1'000));
  // Half of the values double, and of those half again.
  std::int64_t factor = 1;
  while (factor < 16 && rng.next_below(2) == 0) {
    factor *= 2;
  }
  return base * factor * (is_slow(second) ? 10 : 1);
}

void add_operations(RunRecord& record, Rng& rng, model::SecondSummary& summary,
                    stats::Histogram& all, std::uint16_t step) {
  const std::int64_t second = summary.second;
  for (const Exposure exposure : {Exposure::kClean, Exposure::kFaulted}) {
    model::ResponseCells cells{.step = step, .exposure = exposure, .counts = {}};
    stats::Histogram responses(stats::kSpanLayout);
    const std::uint64_t share = exposure == Exposure::kClean ? kOperations : kOperations / 10;
    for (std::uint64_t i = 0; i < share; ++i) {
      responses.record(response_of(rng, step, second));
    }
    model::add_to_cells(cells, responses, false);
    all.merge(responses);
    summary.cells.push_back(std::move(cells));
    record.operations
        .try_emplace({step, model::Phase::kMeasured, exposure, model::OperationOutcome::kAcked},
                     stats::Histogram(stats::kSpanLayout))
        .first->second.merge(responses);
  }
}

}  // namespace

RunRecord hour_record() {
  RunRecord record = sample_record();
  record.measured_duration = record.planned_duration = std::chrono::hours(1);
  record.operations.clear();
  record.attempts.clear();
  record.steps.clear();
  for (std::uint16_t step = 0; step < kSteps; ++step) {
    record.steps.push_back(
        {"shop.step-" + std::to_string(step), "GET /" + std::to_string(step), "shop", false});
  }
  record.seconds.clear();
  Rng rng(StreamId(7, "hour", "response"));
  for (std::int64_t second = 0; second < kSeconds; ++second) {
    model::SecondSummary summary;
    summary.second = second;
    stats::Histogram all(stats::kSpanLayout);
    for (std::uint16_t step = 0; step < kSteps; ++step) {
      add_operations(record, rng, summary, all, step);
    }
    summary.counters.due = summary.counters.started = kSteps * kOperations * 11 / 10;
    summary.acked = summary.counters.due - (is_slow(second) ? 40U : 0U);
    summary.not_acked = is_slow(second) ? 40 : 0;
    summary.classes[static_cast<std::size_t>(model::AttemptClass::kTimeout)] = summary.not_acked;
    summary.response_p50_us = all.value_at_percentile(50);
    summary.response_p90_us = all.value_at_percentile(90);
    summary.response_p99_us = all.value_at_percentile(99);
    summary.response_max_us = all.max();
    summary.faults = {{is_slow(second) ? 100U : 0U, 5, 5, 0}, {}, {}};
    record.seconds.push_back(std::move(summary));
  }
  return record;
}

}  // namespace squall::testing
