// partition: part of the network eats large answers, single paths or whole connections. Callers
// need an answer within the deadline while it lasts, good or bad, and the target has to find back
// afterwards by itself.
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

constexpr std::string_view kName = "partition";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.partition",
      .help = "",
      .keys = {
          steps_key("on", "Scenarios or steps that need the broken path; all unless given."),
          duration_key(
              "deadline", "2s",
              "Within which the target has to answer while the path is broken; a tenth is added."),
          share_key("share", "1%", "Of the attempts that may take longer."),
          duration_key("recovery", "5s",
                       "After the fault's end, the time until errors are as in the baseline."),
          least_key("20", "Operations in the baseline and while the fault lasted.")}};
  return spec;
}

// Answers later than the deadline, with a tenth of it for what the wire and squall add.
Slower beyond_deadline(const PhaseFigures& fault, Duration deadline) {
  return slower_than(fault.service, deadline + deadline / 10);
}

constexpr model::RecoverySettings kErrorsOnly{
    .within = 0.2, .slack = {}, .error_rate = true, .response_p99 = false, .rate = false};

void conclude(const Slower& slower, const model::Recovery& recovery, const SettingsReader& settings,
              Finding& finding) {
  const Duration allowed = settings.duration("recovery");
  const bool found_back =
      recovery.state == model::RecoveryState::kRecovered && recovery.time <= allowed;
  const bool hung = slower.low > settings.share("share");
  finding.evidence = {
      slower.text,
      recovery.state == model::RecoveryState::kRecovered
          ? fmt::format(
                "errors as in the baseline from {} after the fault's end on; {} are allowed",
                format_duration(recovery.time), format_duration(allowed))
          : fmt::format("after the fault's end: {}, {}", model::to_string(recovery.state),
                        recovery.detail)};
  if (hung || !found_back) {
    finding.verdict = Verdict::kFail;
    finding.summary = hung ? "callers hung while a network path was broken"
                           : "the target did not find back when the network path was whole again";
    finding.remedies = {
        "a deadline for each call, and keep-alive probes on connections that may be half open",
        "drop pooled connections after an error, and look names up anew"};
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = "callers got their answers in time, and errors went with the fault";
  }
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const PhaseFigures baseline = figures_of(record, steps, Phase::kBaseline);
  const PhaseFigures fault = figures_of(record, steps, Phase::kFault);
  if (!generator_is_sound(record, finding) ||
      !can_compare(record, baseline, fault, settings.count("least"), finding)) {
    return finding;
  }
  const model::Recovery recovery = slowest_recovery(record, steps, kErrorsOnly);
  if (recovery.state == model::RecoveryState::kNotMeasured ||
      recovery.state == model::RecoveryState::kNotEnoughBaseline) {
    set_inconclusive(finding, std::string(model::to_string(recovery.state)));
    return finding;
  }
  conclude(beyond_deadline(fault, settings.duration("deadline")), recovery, settings, finding);
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  if (!is_asked(record, kName)) {
    return {};
  }
  return {judge(record, SettingsReader(record, kName, settings_spec()))};
}

}  // namespace

void register_detector_partition(model::DetectorRegistry& registry);
void register_detector_partition(model::DetectorRegistry& registry) {
  registry.add(
      {.name = kName,
       .summary = "a broken network path hangs callers, or the target does not find back",
       .needs =
           "faults on a [[proxy]] that begin after the measured phase did and end before it does",
       .detect = detect,
       .settings = &settings_spec()});
}

}  // namespace squall::reports
