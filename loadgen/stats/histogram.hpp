// High dynamic range histograms (Gil Tene's HdrHistogram): constant relative error over the whole
// range, mergeable.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace squall::stats {

// The bucket geometry of HdrHistogram with unit magnitude 0 and lowest discernible value 1: values
// below 2^k are counted exactly, above in sub-buckets of equal relative width. A value; two
// histograms merge iff their layouts are equal.
//
//   index    0 … 2^k-1          2^k … 3·2^(k-1)-1     …           k = bits of 2 · 10^digits,
//   rounded up value    0 … 2^k-1, exact   2^k … 2^(k+1)-1 by 2  … by 4, by 8, …
struct HistogramLayout {
  std::int64_t highest_trackable = 3'600'000'000;  // in the histogram's unit; 2 to 2^62
  int significant_digits = 3;                      // 0 to 5

  // Whether the figures are in these ranges.
  [[nodiscard]] bool valid() const;
  // How many buckets the range needs, and how many of them are one unit wide (HdrHistogram's
  // subBucketCount). REQUIRES: valid().
  [[nodiscard]] std::size_t bucket_count() const;
  [[nodiscard]] std::size_t exact_buckets() const;

  bool operator==(const HistogramLayout&) const = default;
};

// Spans: microseconds from 1 us to 1 h. Lag: nanoseconds to 1 h.
inline constexpr HistogramLayout kSpanLayout{3'600'000'000, 3};
inline constexpr HistogramLayout kLagLayout{3'600'000'000'000, 3};

// Counts values. `Count` is uint32_t for one second of one worker, uint64_t for totals. The unit of
// the values is the owner's business. Counts are allocated at the first record. Movable, copyable.
// One thread at a time.
template <class Count>
class BasicHistogram {
 public:
  // REQUIRES: a valid layout.
  explicit BasicHistogram(HistogramLayout layout = kSpanLayout);

  // Values below 0 count as 0; values above highest_trackable are counted in overflow(), not
  // clamped into the buckets. About 2 ns when warm; never allocates after the first call. A full
  // bucket saturates: what does not fit is not counted.
  void record(std::int64_t value) { record_n(value, 1); }
  void record_n(std::int64_t value, std::uint64_t times) {
    if (value > layout_.highest_trackable) [[unlikely]] {
      overflow_ += times;
      return;
    }
    const std::size_t index = index_of(value);
    if (index >= counts_.size()) [[unlikely]] {
      counts_.resize(bucket_count_);
    }
    add_at(index, times);
  }

  // REQUIRES: equal layouts.
  template <class Other>
  void merge(const BasicHistogram<Other>& other);
  // Forgets the counts, keeps the memory.
  void clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }        // recorded inside the range
  [[nodiscard]] std::uint64_t overflow() const { return overflow_; }  // above the range
  [[nodiscard]] bool empty() const { return count_ == 0 && overflow_ == 0; }
  // Zero when empty. min and max are bucket-equivalent values as HdrHistogram reports them; with
  // values above the range, max is the highest value of the range (read: "or more"). mean and
  // stddev are those of the values inside the range.
  [[nodiscard]] std::int64_t min() const;
  [[nodiscard]] std::int64_t max() const;
  [[nodiscard]] double mean() const;
  [[nodiscard]] double stddev() const;
  // The smallest value v such that `percentile` per cent of all values (overflow included, as
  // larger than any) are <= v, reported as HdrHistogram does: the highest equivalent value of its
  // bucket; the lowest one for percentile 0. A percentile that lies among the overflow gives what
  // max() gives. REQUIRES: 0 <= percentile <= 100.
  [[nodiscard]] std::int64_t value_at_percentile(double percentile) const;
  // Of the values inside the range; those in the bucket of `value` all count.
  [[nodiscard]] std::uint64_t count_at_or_below(std::int64_t value) const;

  [[nodiscard]] const HistogramLayout& layout() const { return layout_; }
  // Bucket counts, trailing zero buckets possibly left out; empty before the first record. Valid
  // until the next change.
  [[nodiscard]] std::span<const Count> counts() const { return counts_; }
  // Puts counts in from outside (log readers), in place of what was there; memory for the buckets
  // up to the last full one. Counts beyond the layout, above what a bucket holds or of more than
  // 2^63 - 1 values in all are refused: returns false, and nothing has changed.
  [[nodiscard]] bool assign_counts(std::span<const std::uint64_t> counts, std::uint64_t overflow);

  // Geometry, shared with the log encoders. index_of may be bucket_count() or more for values above
  // the range.
  [[nodiscard]] std::size_t index_of(std::int64_t value) const {
    const auto magnitude = static_cast<unsigned>(sub_bucket_half_count_magnitude_);
    const auto bits = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
    const std::uint64_t mask = (std::uint64_t{2} << magnitude) - 1;
    const unsigned bucket = static_cast<unsigned>(std::bit_width(bits | mask)) - magnitude - 1;
    return (std::size_t{bucket} << magnitude) + static_cast<std::size_t>(bits >> bucket);
  }
  [[nodiscard]] std::int64_t lowest_at(std::size_t index) const;
  [[nodiscard]] std::int64_t highest_at(std::size_t index) const;
  [[nodiscard]] std::size_t bucket_count() const { return bucket_count_; }

 private:
  template <class Other>
  friend class BasicHistogram;

  [[nodiscard]] std::int64_t median_at(std::size_t index) const;
  [[nodiscard]] std::int64_t width_at(std::size_t index) const;
  void add_at(std::size_t index, std::uint64_t times) {
    Count& cell = counts_[index];
    const std::uint64_t room = std::numeric_limits<Count>::max() - cell;
    const std::uint64_t added = std::min(times, room);
    cell = static_cast<Count>(cell + added);
    count_ += added;
  }

  HistogramLayout layout_;
  int sub_bucket_half_count_magnitude_ = 0;
  std::size_t bucket_count_ = 0;
  std::vector<Count> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t overflow_ = 0;
};

using IntervalHistogram = BasicHistogram<std::uint32_t>;
using Histogram = BasicHistogram<std::uint64_t>;

// The two-sided confidence interval of a percentile by order statistics (rank +- 1.96 * sqrt(n p
// (1-p)); Hahn and Meeker, "Statistical Intervals"), or nothing when fewer than 10 values lie above
// the percentile: then it prints as n/a. The width of the buckets is inside the interval: `low` is
// the lowest value of its bucket, `high` the highest of its own.
struct PercentileInterval {
  std::int64_t value = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;
};
[[nodiscard]] std::optional<PercentileInterval> percentile_with_interval(const Histogram& histogram,
                                                                         double percentile);

}  // namespace squall::stats
