#include "loadgen/model/response_cells.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

namespace squall::model {
namespace {

TEST(ResponseCells, cells_follow_one_another_without_gaps_up_to_the_end_of_the_range) {
  std::int64_t next = 0;
  for (std::uint16_t cell = 0; cell < never_cell(); ++cell) {
    const CellRange range = cell_range(cell);
    ASSERT_EQ(range.low, next) << "cell " << cell;
    ASSERT_EQ(cell_of(range.low), cell);
    ASSERT_EQ(cell_of(std::min(range.high, kCellLayout.highest_trackable)), cell);
    next = range.high + 1;
  }
  EXPECT_GT(next, kCellLayout.highest_trackable);
  EXPECT_EQ(cell_of(kCellLayout.highest_trackable + 1), never_cell());
  EXPECT_EQ(cell_of(std::numeric_limits<std::int64_t>::max()), never_cell());
}

TEST(ResponseCells, a_cell_is_at_most_an_eighth_of_a_doubling_wide) {
  for (std::uint16_t cell = cell_of(32); cell < never_cell(); ++cell) {
    const CellRange range = cell_range(cell);
    EXPECT_LE(static_cast<double>(range.high - range.low + 1), static_cast<double>(range.low) / 8);
  }
}

TEST(ResponseCells, values_land_in_their_cells_and_censored_ones_in_the_last) {
  stats::Histogram responses(stats::kSpanLayout);
  responses.record_n(1'000, 3);
  responses.record_n(50'000, 2);
  ResponseCells cells;
  add_to_cells(cells, responses, false);
  add_to_cells(cells, responses, true);
  const std::vector<std::pair<std::uint16_t, std::uint64_t>> expected = {
      {cell_of(1'000), 3}, {cell_of(50'000), 2}, {never_cell(), 5}};
  EXPECT_EQ(cells.counts, expected);
}

TEST(ResponseCells, what_is_above_the_range_never_ended) {
  stats::Histogram responses(stats::kSpanLayout);
  responses.record(kCellLayout.highest_trackable + 5);
  ResponseCells cells;
  add_to_cells(cells, responses, false);
  const std::vector<std::pair<std::uint16_t, std::uint64_t>> expected = {{never_cell(), 1}};
  EXPECT_EQ(cells.counts, expected);
}

TEST(ResponseCells, merging_adds_up_by_step_and_exposure) {
  std::vector<ResponseCells> all;
  merge_cells(all, {.step = 1, .exposure = Exposure::kClean, .counts = {{4, 1}, {9, 2}}});
  merge_cells(all, {.step = 1, .exposure = Exposure::kFaulted, .counts = {{4, 7}}});
  merge_cells(all, {.step = 1, .exposure = Exposure::kClean, .counts = {{5, 3}, {9, 1}}});
  ASSERT_EQ(all.size(), 2U);
  const std::vector<std::pair<std::uint16_t, std::uint64_t>> clean = {{4, 1}, {5, 3}, {9, 3}};
  EXPECT_EQ(all[0].counts, clean);
  EXPECT_EQ(all[1].counts.front().second, 7U);
}

}  // namespace
}  // namespace squall::model
