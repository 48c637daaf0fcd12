// Records of runs that never were: lognormal responses whose seconds follow each other and whose
// runs differ, as those of real targets do. For tests of comparisons and for the bench that states
// their power.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "loadgen/base/rng.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::test {

struct SyntheticRun {
  int seconds = 10;
  double per_second = 200;  // mean of a Poisson number
  double median_us = 20'000;
  double sigma = 0.5;              // of the logarithms within a second
  double second_deviation = 0.05;  // of the seconds' levels, logarithms; AR(1)
  double correlation = 0.5;        // of one second's level with the next one's
  double run_deviation = 0.02;     // of the runs' levels
  double scale = 1;                // of all responses
  double tail_scale = 1;           // of p99 and above; grows from 1 at p90 on
  double error_rate = 0;
};

class SyntheticRuns {
 public:
  explicit SyntheticRuns(std::uint64_t seed) : rng_(StreamId(seed, "compare", "synthetic")) {}

  model::RunRecord make(const SyntheticRun& run) {
    model::RunRecord record;
    record.plan_name = "synthetic";
    record.planned_duration = record.measured_duration = std::chrono::seconds(run.seconds);
    record.scenarios.push_back({"s", model::LoadModel::kOpen, "poisson"});
    record.steps.push_back({"s.get", "GET /", "t", false});
    const double run_level = run.run_deviation * rng_.next_normal();
    const double fresh = std::sqrt(1 - run.correlation * run.correlation);
    double level = rng_.next_normal();
    for (int second = 0; second < run.seconds; ++second) {
      fill(record, run, second, run_level + run.second_deviation * level);
      level = run.correlation * level + fresh * rng_.next_normal();
    }
    return record;
  }

 private:
  void fill(model::RunRecord& record, const SyntheticRun& run, int at, double level) {
    using model::OperationOutcome;
    model::SecondSummary second;
    second.second = at;
    model::ResponseCells cells;
    stats::Histogram responses;
    const std::uint64_t count = poisson(run.per_second);
    for (std::uint64_t i = 0; i < count; ++i) {
      const bool failed = rng_.next_unit() < run.error_rate;
      const std::int64_t value = response(run, level);
      responses.record(value);
      record.operations[{.outcome = failed ? OperationOutcome::kUnknown : OperationOutcome::kAcked}]
          .record(value);
      ++(failed ? second.not_acked : second.acked);
    }
    second.counters.due = second.counters.started = second.counters.completed = count;
    model::add_to_cells(cells, responses, false);
    if (count > 0) {
      second.response_p50_us = responses.value_at_percentile(50);
      second.cells.push_back(std::move(cells));
    }
    record.seconds.push_back(std::move(second));
  }

  std::int64_t response(const SyntheticRun& run, double level) {
    const double z = rng_.next_normal();
    // How far into the tail, from p90 (0) to p99 (1).
    constexpr double kP90 = 1.2815515655446004;
    constexpr double kP99 = 2.3263478740408408;
    const double depth = std::clamp((z - kP90) / (kP99 - kP90), 0.0, 1.0);
    return std::llround(run.median_us * run.scale * std::pow(run.tail_scale, depth) *
                        std::exp(level + run.sigma * z));
  }

  std::uint64_t poisson(double mean) {
    std::uint64_t count = 0;
    for (double sum = rng_.next_exponential(); sum < mean; sum += rng_.next_exponential()) {
      ++count;
    }
    return count;
  }

  Rng rng_;
};

}  // namespace squall::test
