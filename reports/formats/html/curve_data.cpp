// Percentiles up to where the samples carry them, on a scale of nines.
#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "loadgen/model/selection.hpp"
#include "reports/formats/html/chart_data.hpp"

namespace squall::reports {
namespace {

using nlohmann::ordered_json;

constexpr int kPointsToANine = 16;
constexpr int kMostNines = 7;

// Those on the axis too, so that they can be read off exactly.
std::vector<double> percentiles() {
  std::vector<double> all = {50};
  for (int i = 1; i <= kMostNines * kPointsToANine; ++i) {
    all.push_back(100 * (1 - std::pow(10, -static_cast<double>(i) / kPointsToANine)));
  }
  std::sort(all.begin(), all.end());
  return all;
}

ordered_json points_of(const stats::Histogram& response) {
  static const std::vector<double> kPercentiles = percentiles();
  constexpr std::int64_t kNever = stats::kSpanLayout.highest_trackable;
  const auto all = static_cast<double>(response.count() + response.overflow());
  ordered_json points = ordered_json::array();
  for (const double percentile : kPercentiles) {
    const auto interval = stats::percentile_with_interval(response, percentile);
    if (!interval) {
      break;
    }
    const bool answered =
        std::ceil(percentile / 100 * all) <= static_cast<double>(response.count());
    const std::int64_t value = answered ? interval->value : kNever;
    points.push_back({std::round(percentile * 1e7) / 1e7, std::min(value, kNever),
                      std::min(interval->low, value), std::min(interval->high, kNever)});
  }
  return points;
}

}  // namespace

ordered_json curve_data(const model::RunRecord& record) {
  ordered_json curves = ordered_json::array();
  const int steps = static_cast<int>(std::min(record.steps.size(), kMostChartSteps));
  for (int step = -1; step < steps; ++step) {
    for (const auto exposure : {model::Exposure::kClean, model::Exposure::kFaulted}) {
      const model::CellFilter filter{
          .step = step < 0 ? std::string_view() : record.steps[static_cast<std::size_t>(step)].name,
          .exposure = exposure};
      const stats::Histogram response = model::response_of_operations(record, filter);
      if (!response.empty()) {
        curves.push_back({{"step", step},
                          {"exposure", model::to_string(exposure)},
                          {"operations", response.count() + response.overflow()},
                          {"points", points_of(response)}});
      }
    }
  }
  return curves;
}

}  // namespace squall::reports
