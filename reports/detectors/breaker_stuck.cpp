// breaker-stuck: the dependency is well again, but calls still fail. Measures from the end of the
// fault to the first second from which errors are as in the baseline, against three times the
// time after which a breaker tries again.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/model/recovery.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::Phase;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "breaker-stuck";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.breaker-stuck",
      .help = "",
      .keys = {
          steps_key("on", "Scenarios or steps that need the dependency; all unless given."),
          duration_key("reset", "5s", "After which an open breaker lets a call try again."),
          number_key("times", "3", "Of `reset`: what a recovery may take."),
          least_key("50", "Operations in the baseline, in the fault phase and in the recovery.")}};
  return spec;
}

constexpr model::RecoverySettings kErrorsOnly{
    .within = 0.2, .slack = {}, .error_rate = true, .response_p99 = false, .rate = false};

void judge_time(const model::Recovery& recovery, Duration most, Duration measured,
                Finding& finding) {
  const bool recovered = recovery.state == model::RecoveryState::kRecovered;
  finding.evidence.push_back(
      recovered
          ? fmt::format("errors as in the baseline from {} after the fault's end on; {} are "
                        "allowed",
                        format_duration(recovery.time), format_duration(most))
          : fmt::format("errors were not as in the baseline by the end of the measured phase, "
                        "{} after the fault's end; {} are allowed; {}",
                        format_duration(measured), format_duration(most), recovery.detail));
  if (recovered && recovery.time <= most) {
    finding.verdict = Verdict::kPass;
    finding.summary =
        fmt::format("errors were gone {} after the fault's end", format_duration(recovery.time));
  } else if (!recovered && measured <= most) {
    set_inconclusive(finding,
                     fmt::format("the run ended {} after the fault did, before the {} that "
                                 "a recovery may take",
                                 format_duration(measured), format_duration(most)));
  } else {
    finding.verdict = Verdict::kFail;
    finding.summary = "calls went on failing after the dependency was well again";
    finding.remedies = {
        "let the breaker try again: half-open after its reset time, closed after a success",
        "give every replica and pool the same way back; restart nothing by hand"};
  }
}

Finding judge_steps(const RunRecord& record, const SettingsReader& settings,
                    const std::string& step) {
  Finding finding = finding_of(kName, step.empty() ? "all" : step);
  const std::vector<std::string> steps =
      step.empty() ? std::vector<std::string>{} : std::vector<std::string>{step};
  const PhaseFigures baseline = figures_of(record, steps, Phase::kBaseline);
  const PhaseFigures fault = figures_of(record, steps, Phase::kFault);
  const PhaseFigures after = figures_of(record, steps, Phase::kRecovery);
  const std::uint64_t least = settings.count("least");
  if (!generator_is_sound(record, finding) ||
      !can_compare(record, baseline, fault, least, finding) ||
      !can_compare(record, baseline, after, least, finding)) {
    return finding;
  }
  const ErrorGrowth errors = error_growth(baseline, fault);
  finding.evidence.push_back("while the fault lasted, " + errors.text);
  const model::Recovery recovery = model::recovery_of(record, step, kErrorsOnly);
  if (!errors.is_more_than(0.01)) {
    set_inconclusive(finding, "the fault led to no errors, so no breaker needed to open");
  } else if (recovery.state != model::RecoveryState::kRecovered &&
             recovery.state != model::RecoveryState::kNever) {
    set_inconclusive(finding, std::string(model::to_string(recovery.state)));
  } else {
    const auto most = std::chrono::nanoseconds(static_cast<std::int64_t>(
        static_cast<double>(settings.duration("reset").count()) * settings.number("times")));
    judge_time(recovery, most,
               record.phase_bounds.length_of(Phase::kRecovery, record.measured_duration), finding);
  }
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  const SettingsReader settings(record, kName, settings_spec());
  if (!is_asked(record, kName)) {
    return findings;
  }
  const std::vector<std::string> steps = settings.list("on");
  for (const std::string& step : steps) {
    findings.push_back(judge_steps(record, settings, step));
  }
  if (steps.empty()) {
    findings.push_back(judge_steps(record, settings, {}));
  }
  return findings;
}

}  // namespace

void register_detector_breaker_stuck(model::DetectorRegistry& registry);
void register_detector_breaker_stuck(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "calls still fail long after the dependency is well again",
                .needs = "faults that end before the measured phase does, and a baseline",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
