// The median of the last values, cheap enough to keep per step.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "loadgen/base/time.hpp"

namespace squall::engine {

// Over the last 63 values; recomputed on each 16th. One thread.
class RollingMedian {
 public:
  void add(Duration value) {
    values_[added_ % kWindow] = value;
    ++added_;
    if (added_ % kEvery == 0 || added_ < kEvery) {
      recompute();
    }
  }
  // Duration::max() while there is none, so that a minimum with it is the other value.
  [[nodiscard]] Duration median() const { return median_; }

 private:
  static constexpr std::size_t kWindow = 63;
  static constexpr std::size_t kEvery = 16;

  void recompute() {
    const std::size_t filled = std::min(added_, kWindow);
    std::array<Duration, kWindow> sorted = values_;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(filled / 2);
    std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(filled));
    median_ = *middle;
  }

  std::array<Duration, kWindow> values_{};
  std::size_t added_ = 0;
  Duration median_ = Duration::max();
};

}  // namespace squall::engine
