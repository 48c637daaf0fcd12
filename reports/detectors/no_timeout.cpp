// no-timeout: a dependency hangs, and so does whoever calls the target. Judges the service time
// of attempts while the fault lasts, those that squall gave up included: answers, good or bad,
// have to come within the declared deadline.
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

constexpr std::string_view kName = "no-timeout";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.no-timeout",
      .help = "",
      .keys = {steps_key("on", "Scenarios or steps that need the dependency; all unless given."),
               duration_key("deadline", "2s",
                            "Within which the target has to answer, whatever its dependencies do; "
                            "a tenth is added."),
               share_key("share", "1%", "Of the attempts that may take longer."),
               least_key("20", "Attempts while the fault lasted.")}};
  return spec;
}

// Answers later than the deadline, with a tenth of it for what the wire and squall add.
Slower beyond_deadline(const PhaseFigures& fault, Duration deadline) {
  return slower_than(fault.service, deadline + deadline / 10);
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const PhaseFigures fault = figures_of(record, steps, Phase::kFault);
  if (!generator_is_sound(record, finding)) {
    return finding;
  }
  const Slower slower = beyond_deadline(fault, settings.duration("deadline"));
  finding.evidence = {slower.text};
  if (!record.phase_bounds.split || slower.of < settings.count("least")) {
    set_inconclusive(finding, fmt::format("{} attempts while the fault lasted; it takes {}",
                                          slower.of, settings.text("least")));
  } else if (slower.low > settings.share("share")) {
    finding.verdict = Verdict::kFail;
    finding.summary =
        fmt::format("{} did not answer within {} while a dependency hung", names_text(steps),
                    format_duration(settings.duration("deadline")));
    finding.remedies = {
        "a deadline for each call to a dependency: connect, first byte and the whole",
        "hand the caller's remaining time down, and give up when it is over"};
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary =
        fmt::format("{} answered within {} while the dependency hung", names_text(steps),
                    format_duration(settings.duration("deadline")));
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

void register_detector_no_timeout(model::DetectorRegistry& registry);
void register_detector_no_timeout(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "callers hang when a dependency does",
                .needs = "faults that make a dependency hang, and a timeout of the target that is "
                         "longer than `deadline`",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
