// Decides conditions on a distribution (percentile, mean, max), with few samples as well as with
// many.
#pragma once

#include "loadgen/expr/condition.hpp"
#include "loadgen/model/verdict.hpp"
#include "loadgen/stats/histogram.hpp"

namespace squall::reports {

// Values above a percentile that it takes to compare the percentile as measured.
inline constexpr std::uint64_t kSamplesAbovePercentile = 10;

// `values` in units of `unit_ns` nanoseconds; their overflow counts as larger than any bound. Fills
// value, text, samples, verdict and note. REQUIRES: the metric is kPercentile, kMean or kMax.
void judge_values(const expr::Condition& condition, const stats::Histogram& values, double unit_ns,
                  model::CheckResult& result);

}  // namespace squall::reports
