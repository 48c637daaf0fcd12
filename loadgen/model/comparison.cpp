#include "loadgen/model/comparison.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/check.hpp"

namespace squall::model {

std::string_view to_string(ComparisonVerdict value) {
  switch (value) {
    case ComparisonVerdict::kSame:
      return "same";
    case ComparisonVerdict::kBetter:
      return "better";
    case ComparisonVerdict::kInconclusive:
      return "inconclusive";
    case ComparisonVerdict::kWorse:
      return "worse";
  }
  return "";
}

std::string_view to_string(ComparisonScale value) {
  switch (value) {
    case ComparisonScale::kRatio:
      return "ratio";
    case ComparisonScale::kPoints:
      return "points";
    case ComparisonScale::kCount:
      return "count";
  }
  return "";
}

std::string_view to_string(ComparisonMethod value) {
  switch (value) {
    case ComparisonMethod::kTwoRuns:
      return "two runs";
    case ComparisonMethod::kRounds:
      return "rounds";
  }
  return "";
}

std::string name_of(const MetricComparison& metric) {
  return fmt::format("{}{}{}{}{}", metric.step, metric.step.empty() ? "" : " ", metric.exposure,
                     metric.exposure.empty() ? "" : " ", metric.metric);
}

bool ComparisonSettings::wants(std::string_view metric) const {
  return metrics.empty() || std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
}

double ComparisonSettings::response_tolerance(std::size_t percentile) const {
  SQUALL_CHECK(percentile < response_at.size());
  return response_at[percentile] < 0 ? response : response_at[percentile];
}

}  // namespace squall::model
