#include "reports/live/response_buckets.hpp"

namespace squall::reports {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;
constexpr std::int64_t kFirstBound = 64;
constexpr std::int64_t kLastPower = 134'217'728;

// Powers of two and the middles between them, in microseconds.
std::vector<std::int64_t> bucket_bounds() {
  std::vector<std::int64_t> bounds;
  for (std::int64_t power = kFirstBound; power <= kLastPower; power *= 2) {
    bounds.push_back(power);
    bounds.push_back(power + power / 2);
  }
  return bounds;
}

}  // namespace

ResponseBuckets buckets_of(const model::ResponseCells& cells) {
  ResponseBuckets buckets;
  buckets.bounds_us = bucket_bounds();
  buckets.counts.resize(buckets.bounds_us.size() + 1);
  std::size_t at = 0;
  for (const auto& [cell, operations] : cells.counts) {
    const model::CellRange range = model::cell_range(cell);
    // A histogram's value of n us is a response of less than n + 1.
    while (at < buckets.bounds_us.size() && range.high >= buckets.bounds_us[at]) {
      ++at;
    }
    buckets.counts[at] += operations;
    if (cell != model::never_cell()) {
      // The middle of a cell stands for its operations.
      buckets.sum_seconds += static_cast<double>(range.low + range.high) / 2 *
                             static_cast<double>(operations) / kMicrosecondsPerSecond;
    }
  }
  return buckets;
}

}  // namespace squall::reports
