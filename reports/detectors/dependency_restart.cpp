// dependency-restart: a cache or session store restarts, and everyone is logged out. What was
// refused with 4xx from the restart on is compared with the baseline, and errors have to go away
// again.
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

constexpr std::string_view kName = "dependency-restart";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.dependency-restart",
      .help = "",
      .keys = {steps_key("on",
                         "Scenarios or steps that need what the dependency keeps, such as a "
                         "session; all unless given."),
               share_key("margin", "1%",
                         "More refusals than in the baseline by this many points are too many."),
               duration_key("recovery", "5s",
                            "After the restart, the time until errors are as in the baseline."),
               least_key("100", "Operations in the baseline and since the restart.")}};
  return spec;
}

constexpr model::RecoverySettings kErrorsOnly{
    .within = 0.2, .slack = {}, .error_rate = true, .response_p99 = false, .rate = false};

std::uint64_t refused(const PhaseFigures& figures) {
  return figures.classes[static_cast<std::size_t>(model::AttemptClass::kClientError)];
}

void conclude(bool forgot, const model::Recovery& recovery, Duration allowed, Finding& finding) {
  const bool found_back =
      recovery.state == model::RecoveryState::kRecovered && recovery.time <= allowed;
  if (forgot || !found_back) {
    finding.verdict = Verdict::kFail;
    finding.summary = forgot ? "callers were refused after the dependency's restart: what it kept "
                               "for them was gone"
                             : "errors stayed after the dependency's restart";
    finding.remedies = {"keep sessions where a restart does not lose them, or in the token itself",
                        "treat a cache as a cache: what is not there is fetched again",
                        "connect again after an error, and retry what is safe to repeat"};
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary =
        "no more callers were refused after the dependency's restart than before, and errors "
        "went away";
  }
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const PhaseFigures baseline = figures_of(record, steps, Phase::kBaseline);
  const PhaseFigures since = figures_since_fault(record, steps);
  if (!can_compare(record, baseline, since, settings.count("least"), finding)) {
    return finding;
  }
  const model::Recovery recovery = slowest_recovery(record, steps, kErrorsOnly);
  if (baseline.attempts == 0 || since.attempts == 0 ||
      recovery.state == model::RecoveryState::kNotMeasured ||
      recovery.state == model::RecoveryState::kNotEnoughBaseline) {
    set_inconclusive(finding, "there are not enough whole seconds before and after the restart");
    return finding;
  }
  const stats::DifferenceInterval more =
      stats::share_difference(refused(since), since.attempts, refused(baseline), baseline.attempts);
  finding.evidence = {
      fmt::format("refused with 4xx: {} of {} attempts, in the baseline {} of {}; difference "
                  "{:+.2f} points, 95% interval {:+.2f} to {:+.2f}",
                  refused(since), since.attempts, refused(baseline), baseline.attempts,
                  more.difference * 100, more.low * 100, more.high * 100),
      fmt::format("errors after the restart: {}{}", model::to_string(recovery.state),
                  recovery.state == model::RecoveryState::kRecovered
                      ? " after " + format_duration(recovery.time)
                      : ", " + recovery.detail)};
  conclude(more.difference > settings.share("margin") && more.low > 0, recovery,
           settings.duration("recovery"), finding);
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  if (!is_asked(record, kName)) {
    return {};
  }
  return {judge(record, SettingsReader(record, kName, settings_spec()))};
}

}  // namespace

void register_detector_dependency_restart(model::DetectorRegistry& registry);
void register_detector_dependency_restart(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "what a dependency kept is gone when it restarts",
                .needs = "an [[action]] that restarts a dependency after the measured phase began, "
                         "and steps that need what it keeps",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
