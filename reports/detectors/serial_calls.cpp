// serial-calls: an answer needs several calls to one dependency, one after the other. A delay d
// that is added to each call makes the answer later by k times d: k is the number of calls that
// wait for each other. Causal, so neither caches nor other work disturb it.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/stats/bootstrap.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::Phase;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "serial-calls";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.serial-calls",
      .help = "",
      .keys = {steps_key("on", "Scenarios or steps to judge; all unless given."),
               proxy_key(),
               {.name = "added",
                .type = expr::ValueType::kDuration,
                .help = "What the fault adds to each call; as the proxy measured unless given.",
                .example = "\"50ms\""},
               number_key("most", "1.5", "Calls in a row that are allowed."),
               least_key("30", "Operations in the baseline and in the fault phase.")}};
  return spec;
}

constexpr double kLeastDelayUs = 5000;

// The delay in microseconds: what the plan says, else how much longer calls took at the proxy.
double added_delay(const RunRecord& record, const SettingsReader& settings) {
  if (const auto given = settings.maybe_duration("added")) {
    return static_cast<double>(
        std::chrono::duration_cast<std::chrono::microseconds>(*given).count());
  }
  double most = 0;
  for (const model::DependencyProxy* proxy : proxies_of(record, settings.text("proxy"))) {
    const auto before = proxy->phases.find(Phase::kBaseline);
    const auto now = proxy->phases.find(Phase::kFault);
    if (before != proxy->phases.end() && now != proxy->phases.end() &&
        before->second.latency.count() > 0 && now->second.latency.count() > 0) {
      most = std::max(most, static_cast<double>(now->second.latency.value_at_percentile(50) -
                                                before->second.latency.value_at_percentile(50)));
    }
  }
  return most;
}

void conclude(const stats::Interval& serial, double most, Finding& finding) {
  if (serial.low > most) {
    finding.verdict = Verdict::kFail;
    finding.summary =
        fmt::format("an answer waits for {:.1f} calls one after the other", serial.value);
    finding.remedies = {"make calls that do not need each other at the same time",
                        "ask for all that is needed in one call (batch, join)",
                        "keep what seldom changes, so that it is not asked for each time"};
  } else if (serial.high > most) {
    set_inconclusive(finding,
                     "the number of calls in a row is too close to the limit for so few "
                     "operations");
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = fmt::format("an answer waits for {:.1f} calls in a row", serial.value);
  }
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const PhaseFigures baseline = figures_of(record, steps, Phase::kBaseline);
  const PhaseFigures fault = figures_of(record, steps, Phase::kFault);
  const double added = added_delay(record, settings);
  if (!generator_is_sound(record, finding) ||
      !can_compare(record, baseline, fault, settings.count("least"), finding)) {
    return finding;
  }
  const std::vector<double> before = sample_of(baseline.response);
  const std::vector<double> now = sample_of(fault.response);
  if (before.empty() || now.empty()) {
    set_inconclusive(finding, "a phase has no operation that ended");
  } else if (added < kLeastDelayUs) {
    set_inconclusive(finding,
                     "no delay of 5ms or more was added to each call, or nobody measured "
                     "it: give `added`");
  } else {
    const stats::Interval serial = stats::bootstrap(now, before, [&](auto a, auto b) {
      return (stats::median_of(a) - stats::median_of(b)) / added;
    });
    finding.evidence = {fmt::format(
        "median response {} of {}, in the baseline {} of {}, with {} added to each call: {:.2f} "
        "calls in a row, 95% interval {:.2f} to {:.2f}",
        time_text(stats::median_of(now)), fault.operations, time_text(stats::median_of(before)),
        baseline.operations, time_text(added), serial.value, serial.low, serial.high)};
    conclude(serial, settings.number("most"), finding);
  }
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  if (!is_asked(record, kName)) {
    return {};
  }
  return {judge(record, SettingsReader(record, kName, settings_spec()))};
}

}  // namespace

void register_detector_serial_calls(model::DetectorRegistry& registry);
void register_detector_serial_calls(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "calls to a dependency wait for each other",
                .needs = "a latency fault on a dependency that begins after the measured phase "
                         "did; `added`, or a [[proxy]] in HTTP mode that tells the delay",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
