// hlog: an interval histogram log for HdrHistogram's tools. One interval, the measured phase, for
// each step and exposure: response of operations in microseconds, tagged "step/exposure". What
// was given up (dropped arrivals, no answer when the drain ended) stands at the time it had waited.

#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/model/report_format.hpp"
#include "loadgen/stats/histogram_log.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;

constexpr double kMicrosecondsPerMillisecond = 1000;

std::string tag_of(const RunRecord& record, std::uint16_t step, model::Exposure exposure) {
  const std::string name =
      step < record.steps.size() ? printable(record.steps[step].name) : "overflow";
  return fmt::format("{}/{}", name, model::to_string(exposure));
}

// ", open model": that of all scenarios, or each with its name.
std::string models_of(const RunRecord& record) {
  std::set<model::LoadModel> models;
  std::string each;
  for (const model::RecordedScenario& scenario : record.scenarios) {
    models.insert(scenario.load_model);
    each += fmt::format(", {} {}", printable(scenario.name), model::to_string(scenario.load_model));
  }
  return models.size() == 1 ? fmt::format(", {} model", model::to_string(*models.begin())) : each;
}

std::string comment_of(const RunRecord& record) {
  return fmt::format(
      "squall {}, plan {}, seed {}, run {}{}: response of operations from the planned send time, "
      "measured phase, microseconds; what was given up stands at the time it had waited, values "
      "above an hour are left out",
      printable(record.squall_version), printable(record.plan_name), record.seed,
      printable(record.run_id), models_of(record));
}

std::string render(const RunRecord& record, const model::FormatOptions& /*options*/) {
  std::map<std::pair<std::uint16_t, model::Exposure>, stats::Histogram> merged;
  for (const auto& [key, histogram] : record.operations) {
    if (model::is_measured(key.phase)) {
      merged.try_emplace({key.step, key.exposure}, histogram.layout())
          .first->second.merge(histogram);
    }
  }
  std::string text = stats::hlog_header(record.started, comment_of(record));
  for (auto& [key, histogram] : merged) {
    const double highest = static_cast<double>(histogram.max()) / kMicrosecondsPerMillisecond;
    text += stats::hlog_line({.tag = tag_of(record, key.first, key.second),
                              .start_s = 0,
                              .length_s = to_seconds(record.measured_duration),
                              .max_unit = highest,
                              .histogram = std::move(histogram)});
  }
  return text;
}

}  // namespace

void register_format_hlog(model::FormatRegistry& registry);
void register_format_hlog(model::FormatRegistry& registry) {
  registry.add({.name = "hlog",
                .summary = "HdrHistogram log: one tagged histogram per step and exposure",
                .file_name = "latency.hlog",
                .render = render});
}

}  // namespace squall::reports
