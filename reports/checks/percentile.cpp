#include "reports/checks/percentile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/stats/proportion.hpp"
#include "reports/checks/evaluate.hpp"

namespace squall::reports {
namespace {

using expr::Comparison;
using expr::Condition;
using model::CheckResult;
using model::Verdict;

constexpr double kTail = 0.05;  // chance of a wrong decision by few samples

std::uint64_t size_of(const stats::Histogram& values) {
  return values.count() + values.overflow();
}

// Rank, from 1, of the value that is the percentile. The slack keeps 99.9% of 10,000 at 9,990.
std::uint64_t rank_of(double percentile, std::uint64_t size) {
  const double exact = percentile / 100 * static_cast<double>(size);
  const auto rank = static_cast<std::uint64_t>(std::ceil(exact * (1 - 1e-12)));
  return std::clamp<std::uint64_t>(rank, 1, size);
}

// Compares as if the value were `value` ns; beyond the histogram's range it is larger than any
// bound.
void settle(const Condition& condition, double value, bool unbounded, CheckResult& result) {
  result.value = value;
  result.value_text = (unbounded ? "> " : "") + format_value(condition.metric, value);
  const double compared = unbounded ? std::numeric_limits<double>::infinity() : value;
  result.verdict = condition.holds(compared) ? Verdict::kPass : Verdict::kFail;
  if (unbounded) {
    result.note = "falls on operations that never ended or took longer than an hour";
  }
}

// Values that are where `<` and `<=` want them; for `>` and `>=` where they do not.
std::uint64_t low_values(const Condition& condition, const stats::Histogram& values,
                         double unit_ns) {
  const double bound = condition.bound / unit_ns;
  const bool strictly = condition.comparison == Comparison::kLess ||
                        condition.comparison == Comparison::kGreaterOrEqual;
  const double highest = strictly ? std::ceil(bound) - 1 : std::floor(bound);
  if (highest < 0) {
    return 0;
  }
  const auto limit = static_cast<double>(values.layout().highest_trackable);
  return values.count_at_or_below(static_cast<std::int64_t>(std::min(highest, limit)));
}

// Too few values above the percentile to trust it: the exact limits of the share of low values
// decide, or nothing does.
Verdict decide_by_few(const Condition& condition, const stats::Histogram& values, double unit_ns) {
  const std::uint64_t low = low_values(condition, values, unit_ns);
  const stats::ProportionInterval share = stats::proportion_interval(low, size_of(values), kTail);
  const double needed = condition.percentile / 100;
  const bool surely_low = share.low >= needed;
  const bool surely_high = share.high < needed;
  if (!surely_low && !surely_high) {
    return Verdict::kInconclusive;
  }
  switch (condition.comparison) {
    case Comparison::kLess:
    case Comparison::kLessOrEqual:
      return surely_low ? Verdict::kPass : Verdict::kFail;
    case Comparison::kGreater:
    case Comparison::kGreaterOrEqual:
      return surely_high ? Verdict::kPass : Verdict::kFail;
    case Comparison::kEqual:
    case Comparison::kNotEqual:
      return Verdict::kInconclusive;
  }
  return Verdict::kInconclusive;
}

void judge_percentile(const Condition& condition, const stats::Histogram& values, double unit_ns,
                      CheckResult& result) {
  const std::uint64_t size = size_of(values);
  const std::uint64_t rank = rank_of(condition.percentile, size);
  const bool unbounded = rank > values.count();
  const std::int64_t value = unbounded ? values.layout().highest_trackable
                                       : values.value_at_percentile(condition.percentile);
  settle(condition, static_cast<double>(value) * unit_ns, unbounded, result);
  if (size - rank >= kSamplesAbovePercentile || condition.percentile >= 100) {
    return;
  }
  const std::uint64_t low = low_values(condition, values, unit_ns);
  result.verdict = decide_by_few(condition, values, unit_ns);
  result.note = fmt::format("{} samples, {} at or beyond the bound: ", size, size - low);
  result.note += result.verdict == Verdict::kInconclusive
                     ? fmt::format("too few to tell a p{:g}", condition.percentile)
                     : "few, but they decide at 95%";
}

void judge_mean(const Condition& condition, const stats::Histogram& values, double unit_ns,
                CheckResult& result) {
  settle(condition, values.mean() * unit_ns, false, result);
  if (values.overflow() == 0) {
    return;
  }
  // The mean of the others is a lower limit of the whole.
  const bool wants_low =
      condition.comparison == Comparison::kLess || condition.comparison == Comparison::kLessOrEqual;
  const bool decided =
      wants_low ? result.verdict == Verdict::kFail : result.verdict == Verdict::kPass;
  result.verdict = decided ? result.verdict : Verdict::kInconclusive;
  result.note = fmt::format(
      "{} operations never ended or took longer than an hour: the mean is higher "
      "than this",
      values.overflow());
}

}  // namespace

void judge_values(const Condition& condition, const stats::Histogram& values, double unit_ns,
                  CheckResult& result) {
  result.samples = size_of(values);
  if (result.samples == 0) {
    result.verdict = Verdict::kInconclusive;
    result.value_text = "n/a";
    result.note = "there were no samples";
    return;
  }
  if (condition.metric == expr::Metric::kPercentile) {
    judge_percentile(condition, values, unit_ns, result);
  } else if (condition.metric == expr::Metric::kMean) {
    judge_mean(condition, values, unit_ns, result);
  } else {
    const bool unbounded = values.overflow() > 0;
    const std::int64_t highest = unbounded ? values.layout().highest_trackable : values.max();
    settle(condition, static_cast<double>(highest) * unit_ns, unbounded, result);
  }
}

}  // namespace squall::reports
