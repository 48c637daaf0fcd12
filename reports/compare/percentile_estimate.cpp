#include "reports/compare/percentile_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "loadgen/base/check.hpp"
#include "loadgen/model/selection.hpp"
#include "loadgen/stats/student.hpp"

namespace squall::reports {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double log_of(std::int64_t microseconds) {
  return std::log(static_cast<double>(std::max<std::int64_t>(microseconds, 1)));
}

}  // namespace

std::optional<Duration> measured_at(const model::RunRecord& record,
                                    const model::SecondSummary& second) {
  // A record may hold any number there, also one that no duration holds.
  const auto end = std::chrono::ceil<std::chrono::seconds>(record.measured_duration).count();
  return second.second >= 0 && second.second < end
             ? std::optional<Duration>(std::chrono::seconds(second.second))
             : std::nullopt;
}

ResponseSample response_sample(const model::RunRecord& record, std::uint16_t step,
                               model::Exposure exposure) {
  ResponseSample sample;
  sample.response = model::response_of_operations(
      record, {.step = record.steps.at(step).name, .exposure = exposure});
  for (const model::SecondSummary& second : record.seconds) {
    const auto at = measured_at(record, second);
    if (!at) {
      continue;
    }
    const auto found = std::find_if(
        second.cells.begin(), second.cells.end(),
        [&](const auto& cells) { return cells.step == step && cells.exposure == exposure; });
    if (found != second.cells.end()) {
      sample.seconds.push_back(&*found);
      sample.strata.push_back(static_cast<std::size_t>(record.phase_bounds.phase_at(*at)));
    }
  }
  return sample;
}

double operations_in(const model::ResponseCells& cells) {
  double all = 0;
  for (const auto& [cell, operations] : cells.counts) {
    all += static_cast<double>(operations);
  }
  return all;
}

double operations_above(const model::ResponseCells& cells, double microseconds) {
  double above = 0;
  for (const auto& [cell, operations] : cells.counts) {
    const model::CellRange range = model::cell_range(cell);
    const auto low = static_cast<double>(range.low);
    const double high = cell == model::never_cell() ? kInfinity : static_cast<double>(range.high);
    // A cell of whole microseconds ends where the next one begins.
    const double part = microseconds < low     ? 1
                        : microseconds >= high ? 0
                                               : (high - microseconds) / (high + 1 - low);
    above += static_cast<double>(operations) * (std::isfinite(high) ? part : 1);
  }
  return above;
}

Estimate log_percentile(const ResponseSample& sample, double percentile) {
  SQUALL_CHECK(!sample.response.empty());
  const auto value = static_cast<double>(sample.response.value_at_percentile(percentile));
  std::vector<Cluster> seconds;
  for (std::size_t i = 0; i < sample.seconds.size(); ++i) {
    seconds.push_back({operations_above(*sample.seconds[i], value),
                       operations_in(*sample.seconds[i]), sample.strata[i]});
  }
  const ClusteredRatio above = clustered_ratio(in_batches(seconds));
  const double share = percentile / 100;
  const auto operations = static_cast<double>(sample.response.count() + sample.response.overflow());
  const double error = std::sqrt(share * (1 - share) / operations * design_effect(above));
  // Shared, not copied, into each estimate that is made of this one.
  const auto response = std::make_shared<stats::Histogram>(sample.response);
  return {log_of(static_cast<std::int64_t>(value)),
          [response, share, error, freedom = above.freedom](double confidence) {
            if (freedom <= 0) {
              return Limits{-kInfinity, kInfinity};
            }
            const double half = stats::student_critical(confidence, freedom) * error;
            Limits limits{-kInfinity, kInfinity};
            if (share - half > 0) {
              const std::int64_t low = response->value_at_percentile(100 * (share - half));
              limits.low = log_of(response->lowest_at(response->index_of(low)));
            }
            if (share + half < 1) {
              limits.high = log_of(response->value_at_percentile(100 * (share + half)));
            }
            return limits;
          }};
}

}  // namespace squall::reports
