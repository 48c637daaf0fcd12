#include "loadgen/run/cell_percentile.hpp"

#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::test {
namespace {

TEST(CellPercentile, IsThatOfAllValuesTogetherWithinACell) {
  Rng rng(StreamId(11, "cells", "values"));
  stats::Histogram whole(stats::kSpanLayout);
  std::vector<model::ResponseCells> parts(3);
  std::vector<stats::Histogram> histograms(3, stats::Histogram(stats::kSpanLayout));
  for (std::uint16_t i = 0; i < 30'000; ++i) {
    const auto value = static_cast<std::int64_t>(1000 * rng.next_exponential()) + 50 * (i % 3);
    whole.record(value);
    histograms[i % 3].record(value);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    parts[i].step = static_cast<std::uint16_t>(i);
    model::add_to_cells(parts[i], histograms[i], false);
  }
  for (const double percentile : {50.0, 90.0, 99.0}) {
    const auto exact = static_cast<double>(whole.value_at_percentile(percentile));
    const auto told = static_cast<double>(run::percentile_of_cells(parts, percentile));
    EXPECT_NEAR(told, exact, exact * 0.03) << percentile;
  }
}

TEST(CellPercentile, WhatWasGivenUpIsLargerThanAnything) {
  model::ResponseCells cells;
  cells.counts = {{model::cell_of(100), 1}, {model::never_cell(), 1}};
  EXPECT_NEAR(static_cast<double>(run::percentile_of_cells({&cells, 1}, 50)), 100, 9);
  EXPECT_EQ(run::percentile_of_cells({&cells, 1}, 99), stats::kSpanLayout.highest_trackable);
  EXPECT_EQ(run::percentile_of_cells({}, 50), -1);
}

}  // namespace
}  // namespace squall::test
