#include "loadgen/stats/histogram.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "loadgen/base/rng.hpp"

namespace squall::stats {
namespace {

TEST(HistogramLayout, HasHdrHistogramsGeometry) {
  // Figures of Java's Histogram(highest, digits): countsArrayLength and subBucketCount.
  EXPECT_EQ(kSpanLayout.bucket_count(), 23552U);
  EXPECT_EQ(kSpanLayout.exact_buckets(), 2048U);
  EXPECT_EQ(kLagLayout.bucket_count(), 33792U);
  EXPECT_EQ((HistogramLayout{2, 3}).bucket_count(), 2048U);
  EXPECT_EQ((HistogramLayout{2047, 3}).bucket_count(), 2048U);
  EXPECT_EQ((HistogramLayout{2048, 3}).bucket_count(), 3072U);
  EXPECT_EQ((HistogramLayout{100, 0}).exact_buckets(), 2U);
}

TEST(HistogramLayout, KnowsItsLimits) {
  EXPECT_TRUE((HistogramLayout{std::int64_t{1} << 62, 5}).valid());
  EXPECT_TRUE((HistogramLayout{2, 0}).valid());
  EXPECT_FALSE((HistogramLayout{1, 3}).valid());
  EXPECT_FALSE((HistogramLayout{-1, 3}).valid());
  EXPECT_FALSE((HistogramLayout{1000, 6}).valid());
  EXPECT_FALSE((HistogramLayout{1000, -1}).valid());
  EXPECT_FALSE((HistogramLayout{(std::int64_t{1} << 62) + 1, 3}).valid());
}

TEST(Histogram, EveryBucketHoldsItsOwnRangeAndNoGapIsBetweenThem) {
  for (const int digits : {0, 1, 2, 3, 4}) {
    const Histogram histogram(HistogramLayout{std::int64_t{1} << 40, digits});
    std::int64_t next = 0;
    for (std::size_t i = 0; i < histogram.bucket_count(); ++i) {
      ASSERT_EQ(histogram.lowest_at(i), next);
      ASSERT_EQ(histogram.index_of(histogram.lowest_at(i)), i);
      ASSERT_EQ(histogram.index_of(histogram.highest_at(i)), i);
      next = histogram.highest_at(i) + 1;
    }
    EXPECT_GT(next, std::int64_t{1} << 40);
  }
}

TEST(Histogram, KeepsItsRelativeError) {
  const Histogram histogram;
  for (std::int64_t value = 1; value < kSpanLayout.highest_trackable; value += value / 3 + 1) {
    const std::size_t index = histogram.index_of(value);
    const auto width =
        static_cast<double>(histogram.highest_at(index) - histogram.lowest_at(index));
    EXPECT_LE(width / static_cast<double>(value), 1e-3) << value;
  }
}

TEST(Histogram, IsZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_TRUE(histogram.counts().empty());
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.stddev(), 0);
  EXPECT_EQ(histogram.value_at_percentile(0), 0);
  EXPECT_EQ(histogram.value_at_percentile(100), 0);
  EXPECT_EQ(histogram.count_at_or_below(5), 0U);
}

TEST(Histogram, CountsAtTheEdgesOfTheRange) {
  Histogram histogram(HistogramLayout{10'000, 2});
  histogram.record(-7);
  histogram.record(0);
  histogram.record(10'000);
  histogram.record(10'001);
  histogram.record(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.counts()[0], 2U);
  EXPECT_EQ(histogram.count(), 3U);
  EXPECT_EQ(histogram.overflow(), 2U);
  EXPECT_EQ(histogram.min(), 0);
  const std::int64_t top = histogram.highest_at(histogram.index_of(10'000));
  EXPECT_EQ(histogram.max(), top);
  EXPECT_EQ(histogram.value_at_percentile(100), top);
}

TEST(Histogram, OverflowCountsAsLargerThanAny) {
  Histogram histogram(HistogramLayout{1000, 3});
  histogram.record_n(10, 90);
  histogram.record_n(5000, 10);
  EXPECT_EQ(histogram.value_at_percentile(90), 10);
  EXPECT_GE(histogram.value_at_percentile(91), 1000);
  Histogram only(HistogramLayout{1000, 3});
  only.record(5000);
  EXPECT_FALSE(only.empty());
  EXPECT_GE(only.min(), 1000);
  EXPECT_EQ(only.min(), only.value_at_percentile(50));
}

TEST(Histogram, PercentilesRoundUpAndNeverByRoundingError) {
  Histogram histogram;
  for (int value = 1; value <= 1000; ++value) {
    histogram.record(value);
  }
  EXPECT_EQ(histogram.value_at_percentile(0), 1);
  EXPECT_EQ(histogram.value_at_percentile(0.05), 1);
  EXPECT_EQ(histogram.value_at_percentile(50), 500);
  EXPECT_EQ(histogram.value_at_percentile(50.01), 501);
  EXPECT_EQ(histogram.value_at_percentile(99.9), 999);
  EXPECT_EQ(histogram.value_at_percentile(99.91), 1000);
  EXPECT_EQ(histogram.value_at_percentile(100), 1000);
  for (int tenth = 1; tenth <= 1000; ++tenth) {
    EXPECT_EQ(histogram.value_at_percentile(tenth / 10.0), tenth);
  }
  EXPECT_EQ(histogram.count_at_or_below(250), 250U);
  EXPECT_EQ(histogram.count_at_or_below(-1), 0U);
  EXPECT_EQ(histogram.count_at_or_below(std::numeric_limits<std::int64_t>::max()), 1000U);
  EXPECT_DOUBLE_EQ(histogram.mean(), 500.5);
  EXPECT_NEAR(histogram.stddev(), std::sqrt((1e6 - 1) / 12), 1e-9);
}

TEST(Histogram, MergesAcrossCountTypes) {
  IntervalHistogram second;
  second.record(100);
  second.record_n(4'000'000, 3);
  second.record(kSpanLayout.highest_trackable + 1);
  Histogram total;
  total.merge(IntervalHistogram());
  EXPECT_TRUE(total.counts().empty()) << "merging nothing allocates nothing";
  total.merge(second);
  total.merge(second);
  EXPECT_EQ(total.count(), 8U);
  EXPECT_EQ(total.overflow(), 2U);
  EXPECT_EQ(total.counts()[100], 2U);
  Histogram all;
  all.merge(total);
  all.merge(total);
  EXPECT_EQ(all.count(), 16U);
  IntervalHistogram back;
  back.merge(all);
  EXPECT_EQ(back.count(), 16U);
}

TEST(Histogram, MergedEqualsRecordedTogether) {
  Rng rng(StreamId(1, "merge", "values"));
  std::vector<IntervalHistogram> parts(7);
  Histogram together;
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<std::int64_t>(rng.next_exponential() * 1e5);
    parts[static_cast<std::size_t>(i) % parts.size()].record(value);
    together.record(value);
  }
  Histogram merged;
  for (const IntervalHistogram& part : parts) {
    merged.merge(part);
  }
  EXPECT_TRUE(std::equal(merged.counts().begin(), merged.counts().end(), together.counts().begin(),
                         together.counts().end()));
  EXPECT_EQ(merged.count(), together.count());
}

TEST(Histogram, AFullBucketSaturates) {
  IntervalHistogram histogram;
  histogram.record_n(5, std::numeric_limits<std::uint32_t>::max());
  histogram.record(5);
  histogram.record_n(5, 1000);
  EXPECT_EQ(histogram.count(), std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(histogram.counts()[5], std::numeric_limits<std::uint32_t>::max());
  histogram.record(6);
  EXPECT_EQ(histogram.value_at_percentile(100), 6);
}

TEST(Histogram, ClearForgetsAndKeepsTheMemory) {
  Histogram histogram;
  histogram.record(12);
  histogram.record(kSpanLayout.highest_trackable + 1);
  const auto* memory = histogram.counts().data();
  histogram.clear();
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.max(), 0);
  histogram.record(13);
  EXPECT_EQ(histogram.counts().data(), memory);
  EXPECT_EQ(histogram.count(), 1U);
}

TEST(Histogram, AssignTakesCountsOrRefusesThem) {
  Histogram histogram(HistogramLayout{10'000, 2});
  const std::vector<std::uint64_t> counts = {1, 0, 7, 0, 0};
  ASSERT_TRUE(histogram.assign_counts(counts, 4));
  EXPECT_EQ(histogram.count(), 8U);
  EXPECT_EQ(histogram.overflow(), 4U);
  EXPECT_EQ(histogram.counts().size(), 3U);
  histogram.record(9000);
  EXPECT_EQ(histogram.count(), 9U);
  EXPECT_EQ(histogram.counts()[2], 7U);

  std::vector<std::uint64_t> too_long(histogram.bucket_count() + 1);
  EXPECT_TRUE(histogram.assign_counts(too_long, 0)) << "zeros beyond the layout are no counts";
  ASSERT_TRUE(histogram.assign_counts(counts, 0));
  too_long.back() = 1;
  EXPECT_FALSE(histogram.assign_counts(too_long, 0));
  const std::vector<std::uint64_t> too_many = {1ULL << 63U};
  EXPECT_FALSE(histogram.assign_counts(too_many, 0));
  const std::vector<std::uint64_t> sum_too_big = {(1ULL << 63U) - 1, 1};
  EXPECT_FALSE(histogram.assign_counts(sum_too_big, 0));
  EXPECT_EQ(histogram.count(), 8U) << "a refusal changes nothing";
  IntervalHistogram small;
  const std::vector<std::uint64_t> wide = {1ULL << 32U};
  EXPECT_FALSE(small.assign_counts(wide, 0));
}

TEST(Histogram, ReachesTheTopOfTheWidestLayout) {
  Histogram histogram(HistogramLayout{std::int64_t{1} << 62, 5});
  histogram.record(std::int64_t{1} << 62);
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_GE(histogram.max(), std::int64_t{1} << 62);
}

TEST(PercentileInterval, NeedsTenValuesAbove) {
  Histogram histogram;
  for (int value = 1; value <= 1000; ++value) {
    histogram.record(value);
  }
  EXPECT_TRUE(percentile_with_interval(histogram, 99).has_value());
  EXPECT_FALSE(percentile_with_interval(histogram, 99.1).has_value());
  EXPECT_FALSE(percentile_with_interval(histogram, 100).has_value());
  EXPECT_FALSE(percentile_with_interval(Histogram(), 50).has_value());
  const auto median = percentile_with_interval(histogram, 50);
  ASSERT_TRUE(median.has_value());
  EXPECT_EQ(median->value, 500);
  EXPECT_EQ(median->low, 500 - 31);  // 1.96 * sqrt(1000 / 4) = 30.99
  EXPECT_EQ(median->high, 500 + 31);
}

TEST(PercentileInterval, CountsOverflowAbove) {
  Histogram histogram(HistogramLayout{1000, 3});
  histogram.record_n(10, 100);
  histogram.record_n(5000, 100);
  const auto interval = percentile_with_interval(histogram, 50);
  ASSERT_TRUE(interval.has_value());
  EXPECT_EQ(interval->low, 10);
  EXPECT_EQ(interval->value, 10);
  EXPECT_GE(interval->high, 1000);
}

// The interval of a percentile must hold the true one in about 95 of 100 samples.
TEST(PercentileInterval, CoversTheTruth) {
  Rng rng(StreamId(42, "interval", "coverage"));
  const std::vector<double> percentiles = {50, 90, 99};
  for (const double percentile : percentiles) {
    const double truth = -std::log(1 - percentile / 100) * 1e6;
    int covered = 0;
    constexpr int kTries = 600;
    for (int i = 0; i < kTries; ++i) {
      Histogram histogram;
      for (int n = 0; n < 1000; ++n) {
        histogram.record(static_cast<std::int64_t>(rng.next_exponential() * 1e6));
      }
      const auto interval = percentile_with_interval(histogram, percentile);
      ASSERT_TRUE(interval.has_value());
      EXPECT_LE(interval->low, interval->value);
      EXPECT_LE(interval->value, interval->high);
      covered += static_cast<double>(interval->low) <= truth &&
                         truth <= static_cast<double>(interval->high)
                     ? 1
                     : 0;
    }
    EXPECT_GE(covered, kTries * 93 / 100) << percentile;
    EXPECT_LE(covered, kTries * 99 / 100) << percentile << ": the interval is needlessly wide";
  }
}

}  // namespace
}  // namespace squall::stats
