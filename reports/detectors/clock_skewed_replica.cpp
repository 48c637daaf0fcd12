// clock-skewed-replica: the clock of one replica is off, and what rests on time breaks: leases that
// two hold at once, ids and versions out of order, credentials and caches that are over at once or
// never. What must hold is said by the steps' own expectations; the share of operations that did
// not hold it while a clock was off is compared with the baseline.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
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

constexpr std::string_view kName = "clock-skewed-replica";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.clock-skewed-replica",
      .help = "",
      .keys = {steps_key("on",
                         "Scenarios or steps whose `expect` says what must hold whatever a clock "
                         "shows; all unless given."),
               share_key("margin", "1%",
                         "More failures than in the baseline by this many points are too many."),
               least_key("100", "Operations in the baseline and while a clock was off.")}};
  return spec;
}

// What was done, as the timeline tells it.
void add_actions(const RunRecord& record, Finding& finding) {
  constexpr std::size_t kShown = 3;
  std::size_t shown = 0;
  for (const model::RecordedAction& action : record.timeline) {
    if (action.kind == "action" && action.started && shown < kShown) {
      finding.evidence.push_back("done: " + printable(action.description, 200));
      ++shown;
    }
  }
}

bool was_anything_done(const RunRecord& record) {
  return std::any_of(record.timeline.begin(), record.timeline.end(),
                     [](const model::RecordedAction& action) {
                       return action.kind == "action" && action.started && action.problem.empty();
                     });
}

void conclude(const ErrorGrowth& errors, double margin, Finding& finding) {
  if (!errors.is_more_than(margin)) {
    finding.verdict = Verdict::kPass;
    finding.summary = "what must hold did while a clock was off";
    return;
  }
  finding.verdict = Verdict::kFail;
  finding.summary = "what must hold did not while a clock was off";
  finding.remedies = {
      "measure how long something lasts by a monotonic clock, and compare no time that one machine "
      "wrote with the clock of another",
      "take over a lease only after it was seen unchanged for its whole time, and fence its holder "
      "with a token that rises",
      "allow a leeway on both sides of every time that another machine wrote",
      "keep clocks disciplined (NTP), alert on their offset, and take a replica out that is off"};
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const PhaseFigures baseline = figures_of(record, steps, Phase::kBaseline);
  const PhaseFigures off = figures_of(record, steps, Phase::kFault);
  if (!was_anything_done(record)) {
    set_inconclusive(finding, "no action moved a clock");
    return finding;
  }
  if (!can_compare(record, baseline, off, settings.count("least"), finding)) {
    return finding;
  }
  if (baseline.operations == 0 || off.operations == 0) {
    set_inconclusive(finding, "a phase has no operations");
    return finding;
  }
  const ErrorGrowth errors = error_growth(baseline, off);
  finding.evidence = {errors.text};
  add_actions(record, finding);
  conclude(errors, settings.share("margin"), finding);
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  if (!is_asked(record, kName)) {
    return {};
  }
  return {judge(record, SettingsReader(record, kName, settings_spec()))};
}

}  // namespace

void register_detector_clock_skewed_replica(model::DetectorRegistry& registry);
void register_detector_clock_skewed_replica(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "one replica's wrong clock breaks leases, order or expiry",
                .needs = "an [[action]] that moves the clock of a replica after the measured phase "
                         "began, and steps whose `expect` says what must hold",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
