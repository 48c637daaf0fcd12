#include "loadgen/stats/histogram.hpp"

#include <cmath>

#include "loadgen/base/check.hpp"

namespace squall::stats {
namespace {

constexpr std::int64_t kHighestLayout = std::int64_t{1} << 62;
constexpr int kMostDigits = 5;
constexpr double kTwoSided95 = 1.96;
constexpr std::uint64_t kSamplesAbove = 10;

// log2 of half the number of buckets that are one unit wide.
int half_count_magnitude(int significant_digits) {
  std::uint64_t exact = 2;
  for (int i = 0; i < significant_digits; ++i) {
    exact *= 10;
  }
  return static_cast<int>(std::bit_width(exact - 1)) - 1;
}

// The bucket that holds the value of that rank (from 1), or counts.size() when fewer values are
// there.
template <class Count>
std::size_t index_at_rank(std::span<const Count> counts, std::uint64_t rank) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seen += counts[i];
    if (seen >= rank) {
      return i;
    }
  }
  return counts.size();
}

// HdrHistogram's rounding: one ulp is taken off, so that the product's own rounding cannot lift a
// rank by one.
std::uint64_t rank_of(double percentile, std::uint64_t total) {
  const double wanted =
      std::clamp(std::nextafter(percentile, -std::numeric_limits<double>::infinity()), 0.0, 100.0);
  const double rank = std::ceil(wanted * static_cast<double>(total) / 100.0);
  if (rank >= static_cast<double>(total)) {
    return total;
  }
  return std::max<std::uint64_t>(static_cast<std::uint64_t>(rank), 1);
}

}  // namespace

bool HistogramLayout::valid() const {
  return highest_trackable >= 2 && highest_trackable <= kHighestLayout && significant_digits >= 0 &&
         significant_digits <= kMostDigits;
}

std::size_t HistogramLayout::bucket_count() const {
  const int magnitude = half_count_magnitude(significant_digits);
  const auto bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(highest_trackable)));
  const int halves = std::max(bits - magnitude - 1, 0) + 2;
  return static_cast<std::size_t>(halves) << static_cast<unsigned>(magnitude);
}

std::size_t HistogramLayout::exact_buckets() const {
  return std::size_t{2} << static_cast<unsigned>(half_count_magnitude(significant_digits));
}

template <class Count>
BasicHistogram<Count>::BasicHistogram(HistogramLayout layout) : layout_(layout) {
  SQUALL_CHECK(layout.valid());
  sub_bucket_half_count_magnitude_ = half_count_magnitude(layout.significant_digits);
  bucket_count_ = layout.bucket_count();
}

template <class Count>
template <class Other>
void BasicHistogram<Count>::merge(const BasicHistogram<Other>& other) {
  SQUALL_CHECK(layout_ == other.layout_);
  overflow_ += other.overflow_;
  if (other.count_ == 0) {
    return;
  }
  if (counts_.size() < bucket_count_) {
    counts_.resize(bucket_count_);
  }
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    if (other.counts_[i] != 0) {
      add_at(i, other.counts_[i]);
    }
  }
}

template <class Count>
void BasicHistogram<Count>::clear() {
  std::fill(counts_.begin(), counts_.end(), Count{0});
  count_ = 0;
  overflow_ = 0;
}

template <class Count>
std::int64_t BasicHistogram<Count>::min() const {
  if (empty()) {
    return 0;
  }
  return count_ == 0 ? max() : lowest_at(index_at_rank(counts(), 1));
}

template <class Count>
std::int64_t BasicHistogram<Count>::max() const {
  if (overflow_ > 0) {
    return highest_at(index_of(layout_.highest_trackable));
  }
  for (std::size_t i = counts_.size(); i > 0; --i) {
    if (counts_[i - 1] != 0) {
      return highest_at(i - 1);
    }
  }
  return 0;
}

template <class Count>
double BasicHistogram<Count>::mean() const {
  if (count_ == 0) {
    return 0;
  }
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) {
      sum += static_cast<double>(median_at(i)) * static_cast<double>(counts_[i]);
    }
  }
  return sum / static_cast<double>(count_);
}

template <class Count>
double BasicHistogram<Count>::stddev() const {
  if (count_ == 0) {
    return 0;
  }
  const double center = mean();
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] != 0) {
      const double deviation = static_cast<double>(median_at(i)) - center;
      sum += deviation * deviation * static_cast<double>(counts_[i]);
    }
  }
  return std::sqrt(sum / static_cast<double>(count_));
}

template <class Count>
std::int64_t BasicHistogram<Count>::value_at_percentile(double percentile) const {
  SQUALL_CHECK(percentile >= 0 && percentile <= 100);
  if (empty()) {
    return 0;
  }
  const std::size_t index = index_at_rank(counts(), rank_of(percentile, count_ + overflow_));
  if (index == counts_.size()) {
    return max();
  }
  return percentile > 0 ? highest_at(index) : lowest_at(index);
}

template <class Count>
std::uint64_t BasicHistogram<Count>::count_at_or_below(std::int64_t value) const {
  if (value < 0) {
    return 0;
  }
  const std::size_t last = index_of(value);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < std::min(last + 1, counts_.size()); ++i) {
    sum += counts_[i];
  }
  return sum;
}

template <class Count>
bool BasicHistogram<Count>::assign_counts(std::span<const std::uint64_t> counts,
                                          std::uint64_t overflow) {
  while (!counts.empty() && counts.back() == 0) {
    counts = counts.first(counts.size() - 1);
  }
  if (counts.size() > bucket_count_) {
    return false;
  }
  constexpr auto kMostValues = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t room = kMostValues;
  for (const std::uint64_t count : counts) {
    if (count > room || count > std::numeric_limits<Count>::max()) {
      return false;
    }
    room -= count;
  }
  if (overflow > room) {
    return false;
  }
  counts_.assign(counts.begin(), counts.end());
  count_ = kMostValues - room;
  overflow_ = overflow;
  return true;
}

template <class Count>
std::int64_t BasicHistogram<Count>::lowest_at(std::size_t index) const {
  const auto magnitude = static_cast<unsigned>(sub_bucket_half_count_magnitude_);
  const std::size_t half = std::size_t{1} << magnitude;
  const std::size_t halves = index >> magnitude;
  if (halves < 2) {
    return static_cast<std::int64_t>(index);
  }
  return static_cast<std::int64_t>(((index & (half - 1)) + half) << (halves - 1));
}

template <class Count>
std::int64_t BasicHistogram<Count>::highest_at(std::size_t index) const {
  return lowest_at(index) + (width_at(index) - 1);
}

template <class Count>
std::int64_t BasicHistogram<Count>::median_at(std::size_t index) const {
  return lowest_at(index) + width_at(index) / 2;
}

template <class Count>
std::int64_t BasicHistogram<Count>::width_at(std::size_t index) const {
  const std::size_t halves = index >> static_cast<unsigned>(sub_bucket_half_count_magnitude_);
  return std::int64_t{1} << (halves < 2 ? 0 : halves - 1);
}

template class BasicHistogram<std::uint32_t>;
template class BasicHistogram<std::uint64_t>;
template void BasicHistogram<std::uint32_t>::merge(const BasicHistogram<std::uint32_t>&);
template void BasicHistogram<std::uint32_t>::merge(const BasicHistogram<std::uint64_t>&);
template void BasicHistogram<std::uint64_t>::merge(const BasicHistogram<std::uint32_t>&);
template void BasicHistogram<std::uint64_t>::merge(const BasicHistogram<std::uint64_t>&);

std::optional<PercentileInterval> percentile_with_interval(const Histogram& histogram,
                                                           double percentile) {
  SQUALL_CHECK(percentile >= 0 && percentile <= 100);
  const std::uint64_t total = histogram.count() + histogram.overflow();
  if (total == 0) {
    return std::nullopt;
  }
  const std::uint64_t rank = rank_of(percentile, total);
  if (total - rank < kSamplesAbove) {
    return std::nullopt;
  }
  const double share = percentile / 100.0;
  const double spread = kTwoSided95 * std::sqrt(static_cast<double>(total) * share * (1.0 - share));
  const auto down = static_cast<std::uint64_t>(std::ceil(spread));
  const std::uint64_t low_rank = rank > down ? rank - down : 1;
  const std::uint64_t high_rank = total - rank > down ? rank + down : total;
  const auto index = [&](std::uint64_t at) { return index_at_rank(histogram.counts(), at); };
  const std::size_t none = histogram.counts().size();
  const std::size_t low = index(low_rank);
  const std::size_t high = index(high_rank);
  return PercentileInterval{histogram.value_at_percentile(percentile),
                            low == none ? histogram.max() : histogram.lowest_at(low),
                            high == none ? histogram.max() : histogram.highest_at(high)};
}

}  // namespace squall::stats
