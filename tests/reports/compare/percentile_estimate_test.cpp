#include "reports/compare/percentile_estimate.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "loadgen/model/comparison.hpp"
#include "tests/reports/compare/synthetic_runs.hpp"

namespace squall::reports {
namespace {

using test::SyntheticRun;
using test::SyntheticRuns;

model::ResponseCells cells_of(const std::vector<std::int64_t>& microseconds) {
  stats::Histogram histogram;
  for (const std::int64_t value : microseconds) {
    histogram.record(value);
  }
  model::ResponseCells cells;
  model::add_to_cells(cells, histogram, false);
  return cells;
}

TEST(PercentileEstimate, CountsWhatIsAboveByCells) {
  const model::ResponseCells cells = cells_of({10, 1'000, 1'000, 100'000});
  EXPECT_DOUBLE_EQ(operations_in(cells), 4);
  EXPECT_DOUBLE_EQ(operations_above(cells, 1), 4);
  EXPECT_DOUBLE_EQ(operations_above(cells, 500), 3);
  EXPECT_DOUBLE_EQ(operations_above(cells, 5'000), 1);
  EXPECT_DOUBLE_EQ(operations_above(cells, 1e9), 0);
  const double shared = operations_above(cells, 1'000);
  EXPECT_GT(shared, 1);
  EXPECT_LT(shared, 3) << "the cell of 1 ms is shared out";
}

TEST(PercentileEstimate, WhatNeverEndedIsAboveEverything) {
  stats::Histogram histogram;
  histogram.record(10'000);
  model::ResponseCells cells;
  model::add_to_cells(cells, histogram, true);
  EXPECT_DOUBLE_EQ(operations_above(cells, 3.6e9), 1);
}

// Without correlation Woodruff's interval is that of order statistics, which the histogram knows.
TEST(PercentileEstimate, IndependentSecondsGiveTheOrderStatistics) {
  SyntheticRuns runs(3);
  SyntheticRun run;
  run.seconds = 400;
  run.second_deviation = 0;
  run.run_deviation = 0;
  const model::RunRecord record = runs.make(run);
  const ResponseSample sample = response_sample(record, 0, model::Exposure::kClean);
  for (const double percentile : {50.0, 90.0, 99.0}) {
    const auto plain = stats::percentile_with_interval(sample.response, percentile);
    ASSERT_TRUE(plain);
    const Estimate estimate = log_percentile(sample, percentile);
    const Limits limits = estimate.limits(0.95);
    const double plain_width =
        std::log(static_cast<double>(plain->high) / static_cast<double>(plain->low));
    EXPECT_NEAR(std::exp(estimate.value), static_cast<double>(plain->value), 1);
    EXPECT_GE(limits.high - limits.low, 0.95 * plain_width) << percentile;
    EXPECT_LE(limits.high - limits.low, 1.5 * plain_width) << percentile;
  }
}

// The truth of a lognormal is known: its intervals hold it as often as they say, though the seconds
// follow each other.
TEST(PercentileEstimate, IntervalsHoldTheTruth) {
  SyntheticRuns runs(4);
  SyntheticRun run;
  run.seconds = 60;
  run.run_deviation = 0;
  const double sigma = std::hypot(run.sigma, run.second_deviation);
  constexpr double kZ[] = {0, 1.2815515655, 2.326347874};
  constexpr int kRuns = 200;
  int held[3] = {};
  for (int i = 0; i < kRuns; ++i) {
    const model::RunRecord record = runs.make(run);
    const ResponseSample sample = response_sample(record, 0, model::Exposure::kClean);
    for (std::size_t p = 0; p < 3; ++p) {
      const Limits limits = log_percentile(sample, model::kComparedPercentiles[p]).limits(0.95);
      const double truth = std::log(run.median_us) + sigma * kZ[p];
      held[p] += truth >= limits.low && truth <= limits.high ? 1 : 0;
    }
  }
  for (const int times : held) {
    EXPECT_GE(times, kRuns * 90 / 100);
  }
}

TEST(PercentileEstimate, FewSecondsKnowNoLimits) {
  SyntheticRuns runs(5);
  SyntheticRun run;
  run.seconds = 1;
  const model::RunRecord record = runs.make(run);
  const Limits limits =
      log_percentile(response_sample(record, 0, model::Exposure::kClean), 50).limits(0.95);
  EXPECT_TRUE(std::isinf(limits.low));
  EXPECT_TRUE(std::isinf(limits.high));
}

}  // namespace
}  // namespace squall::reports
