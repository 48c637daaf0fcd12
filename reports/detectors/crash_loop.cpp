// crash-loop: one bad input ends the process, again and again. Counts services that ended while
// the load ran, and how often operations that no fault touched failed from the first fault on.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/stats/proportion.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::Phase;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "crash-loop";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.crash-loop",
      .help = "",
      .keys = {steps_key("on", "Scenarios or steps whose availability counts; all unless given."),
               {.name = "most",
                .type = expr::ValueType::kInteger,
                .help = "Times that services may end.",
                .default_value = "0"},
               share_key("availability", "99%",
                         "Of the operations that no fault touched, the share that has to succeed."),
               least_key("20", "Faults that fired, on squall's requests or at proxies.")}};
  return spec;
}

std::uint64_t fired(const RunRecord& record) {
  std::uint64_t count = 0;
  for (const model::RecordedFault& fault : record.faults) {
    count += fault.counts.fired;
  }
  for (const model::RecordedProxyFault& fault : record.proxy_faults) {
    count += fault.fired;
  }
  return count;
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

std::vector<std::string> ends_of_services(const RunRecord& record) {
  std::vector<std::string> ends;
  for (const model::RunEvent& event : record.events) {
    if (event.kind == "service") {
      ends.push_back(
          fmt::format("at {:.1f}s: service {}", to_seconds(event.at), printable(event.text, 200)));
    }
  }
  return ends;
}

// Operations that no fault touched, since the first one.
model::OperationCounts untouched(const RunRecord& record, const std::vector<std::string>& steps) {
  model::OperationCounts sum;
  const auto add = [&](std::string_view step, Phase phase) {
    const model::OperationCounts counts = model::count_operations(
        record, {.step = step, .exposure = model::Exposure::kClean, .phase = phase});
    for (std::size_t i = 0; i < counts.outcomes.size(); ++i) {
      sum.outcomes.at(i) += counts.outcomes.at(i);
    }
  };
  for (const Phase phase : {Phase::kFault, Phase::kRecovery}) {
    if (steps.empty()) {
      add({}, phase);
    }
    for (const std::string& step : steps) {
      add(step, phase);
    }
  }
  return sum;
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const std::vector<std::string> ends = ends_of_services(record);
  const model::OperationCounts counts = untouched(record, steps);
  const std::uint64_t all = counts.total();
  const std::uint64_t failed =
      all - counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
  const double allowed = 1 - settings.share("availability");
  const stats::ProportionInterval share = stats::proportion_interval(failed, all);
  finding.evidence = {
      fmt::format("{} faults fired; services ended {}", fired(record), times(ends.size())),
      fmt::format("of {} operations that no fault touched {} failed ({}, 95% "
                  "interval {} to {})",
                  all, failed, percent(share.share), percent(share.low), percent(share.high))};
  finding.evidence.insert(
      finding.evidence.end(), ends.begin(),
      ends.begin() + static_cast<std::ptrdiff_t>(std::min(ends.size(), kShown)));
  const bool died = ends.size() > settings.count("most");
  if (died || (all > 0 && share.low > allowed)) {
    finding.verdict = Verdict::kFail;
    finding.summary =
        died ? fmt::format("services ended {} under bad input", times(ends.size()))
             : fmt::format("{} of the good requests failed under bad input", percent(share.share));
    finding.remedies = {
        "handle every error of a request where the request is handled: 400, not an "
        "exception that ends the process",
        "put aside a message that failed a few times instead of trying it for ever",
        "limit restarts, and wait longer before each next one"};
  } else if (fired(record) < settings.count("least")) {
    set_inconclusive(finding, fmt::format("{} faults fired; it takes {}", fired(record),
                                          settings.text("least")));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = "no service ended, and good requests were answered";
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

void register_detector_crash_loop(model::DetectorRegistry& registry);
void register_detector_crash_loop(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "bad input ends the process, again and again",
                .needs = "faults that send bad input (such as `malformed`), and a service that "
                         "squall starts or a step that no fault touches",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
