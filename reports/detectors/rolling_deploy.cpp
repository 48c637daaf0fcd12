// rolling-deploy: replicas are replaced under steady load, and callers notice. Counts the errors
// from the first action on against what the baseline's rate explains: a deployment that drains
// has none of its own. What was under way when the first action came was due in the baseline and
// counts against the deployment all the same: it is what a replica that goes takes with it.
#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/model/selection.hpp"
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

struct Ended {
  std::uint64_t operations = 0;
  std::uint64_t errors = 0;
};

// Operations of the baseline that ended in the second of the first action, or later. A worker cuts
// its seconds when it gets to it, so one that ended just after a second's end may stand in that
// second: an action early in a second looks into the one before, too.
Ended ended_since_action(const RunRecord& record, const std::vector<std::string>& steps) {
  constexpr Duration kLateCut = std::chrono::milliseconds(500);
  const auto action =
      std::chrono::floor<std::chrono::seconds>(record.phase_bounds.fault_from - kLateCut).count();
  // As often as figures_of counts a step that several selectors name.
  const auto times_selected = [&](const std::string& name) {
    return steps.empty() ? 1
                         : std::count_if(steps.begin(), steps.end(), [&](const std::string& step) {
                             return model::selects_step(step, name);
                           });
  };
  Ended ended;
  for (const model::SecondSummary& second : record.seconds) {
    for (const model::StepSecond& one : second.steps) {
      if (second.second >= action && one.phase == Phase::kBaseline &&
          one.step < record.steps.size()) {
        const auto times = static_cast<std::uint64_t>(times_selected(record.steps[one.step].name));
        ended.operations += times * (one.acked + one.not_acked);
        ended.errors += times * one.not_acked;
      }
    }
  }
  return ended;
}

// Moves no more than there is: records may be hostile.
void move(const Ended& ended, PhaseFigures& baseline, PhaseFigures& since) {
  const std::uint64_t operations = std::min(ended.operations, baseline.operations);
  const std::uint64_t errors = std::min({ended.errors, baseline.errors, operations});
  baseline.operations -= operations;
  since.operations += operations;
  baseline.errors -= errors;
  since.errors += errors;
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
  PhaseFigures baseline = figures_of(record, steps, Phase::kBaseline);
  PhaseFigures since = figures_since_fault(record, steps);
  const Ended under_way = ended_since_action(record, steps);
  move(under_way, baseline, since);
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
  if (under_way.errors > 0) {
    finding.evidence.push_back(
        fmt::format("{} of them were due before the first action", under_way.errors));
  }
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
