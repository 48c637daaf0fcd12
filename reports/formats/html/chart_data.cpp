#include "reports/formats/html/chart_data.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"
#include "reports/formats/common/capacity_text.hpp"

namespace squall::reports {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostName = 120;

// Nothing in a script element may look like its end or like a comment.
std::string without_markup(const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else if (c == '>') {
      text += "\\u003e";
    } else if (c == '&') {
      text += "\\u0026";
    } else {
      text += c;
    }
  }
  return text;
}

double microseconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1000;
}

}  // namespace

TimeColumns time_columns(const model::RunRecord& record, std::size_t most) {
  if (record.seconds.empty()) {
    return {};
  }
  const auto [first, last] =
      std::minmax_element(record.seconds.begin(), record.seconds.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
  // Unsigned, since a record from elsewhere may hold any two seconds.
  const std::uint64_t beyond_first =
      static_cast<std::uint64_t>(last->second) - static_cast<std::uint64_t>(first->second);
  const std::uint64_t width = beyond_first / most + 1;
  return {first->second, static_cast<std::int64_t>(width),
          static_cast<std::size_t>(beyond_first / width + 1)};
}

ordered_json capacity_data(const model::RunRecord& record) {
  if (record.capacity.stages.empty()) {
    return nullptr;
  }
  ordered_json stages = ordered_json::array();
  for (const model::CapacityStage& stage : curve_of(record.capacity)) {
    stages.push_back({{"rate", stage.rate.per_second},
                      {"p50", microseconds(stage.p50)},
                      {"p99", microseconds(stage.p99)},
                      {"verdict", model::to_string(stage.verdict)}});
  }
  return {{"stages", stages},
          {"capacity", record.capacity.rate.per_second},
          {"upper", record.capacity.upper.per_second}};
}

std::string chart_data(const model::RunRecord& record) {
  ordered_json steps = ordered_json::array();
  for (const model::RecordedStep& step : record.steps) {
    if (steps.size() < kMostChartSteps) {
      steps.push_back(printable(step.name, kMostName));
    }
  }
  const ordered_json all = {{"steps", steps},
                            {"bands", band_data(record)},
                            {"series", series_data(record)},
                            {"heat", heat_data(record)},
                            {"curves", curve_data(record)},
                            {"capacity", capacity_data(record)}};
  return without_markup(all.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace squall::reports
