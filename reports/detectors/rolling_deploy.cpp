// rolling-deploy: replicas are replaced under steady load, and callers notice. Counts the errors
// from the first action on against what the baseline's rate explains: a deployment that drains
// has none of its own.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::Phase;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "rolling-deploy";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.rolling-deploy",
      .help = "",
      .keys = {steps_key("on", "Scenarios or steps to judge; all unless given."),
               {.name = "allowed",
                .type = expr::ValueType::kInteger,
                .help = "Errors that are accepted beyond the baseline's rate.",
                .default_value = "0"},
               least_key("200", "Operations in the baseline and since the first action.")}};
  return spec;
}

void add_classes(const PhaseFigures& figures, Finding& finding) {
  std::string text;
  for (std::size_t i = 0; i < figures.classes.size(); ++i) {
    const auto how = static_cast<model::AttemptClass>(i);
    if (how != model::AttemptClass::kSuccess && figures.classes.at(i) > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", figures.classes.at(i),
                          model::to_string(how));
    }
  }
  if (!text.empty()) {
    finding.evidence.push_back("attempts that failed: " + text);
  }
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  constexpr double kTail = 0.01;
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const PhaseFigures baseline = figures_of(record, steps, Phase::kBaseline);
  const PhaseFigures since = figures_since_fault(record, steps);
  if (!can_compare(record, baseline, since, settings.count("least"), finding)) {
    return finding;
  }
  const double expected = static_cast<double>(baseline.errors) /
                          static_cast<double>(baseline.operations) *
                          static_cast<double>(since.operations);
  const std::uint64_t bound =
      stats::poisson_upper_bound(expected, kTail) + settings.count("allowed");
  finding.evidence.push_back(
      fmt::format("{} of {} operations failed; the baseline ({} of {}) explains at most {}",
                  since.errors, since.operations, baseline.errors, baseline.operations, bound));
  add_classes(since, finding);
  if (since.errors > bound) {
    finding.verdict = Verdict::kFail;
    finding.summary =
        fmt::format("{} operations failed while replicas were replaced", since.errors);
    finding.remedies = {
        "drain: stop taking new work, answer what is open, then end",
        "take the replica out of the balancer first, and wait until nobody sends to it",
        "close kept connections with `Connection: close` before the process ends"};
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = "nobody noticed that replicas were replaced";
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

void register_detector_rolling_deploy(model::DetectorRegistry& registry);
void register_detector_rolling_deploy(model::DetectorRegistry& registry) {
  registry.add(
      {.name = kName,
       .summary = "callers get errors while replicas are replaced",
       .needs =
           "an [[action]] that replaces replicas after the measured phase began, and a baseline",
       .detect = detect,
       .settings = &settings_spec()});
}

}  // namespace squall::reports
