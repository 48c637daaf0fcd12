// cascade: one dependency is down, and what has nothing to do with it suffers too. Judges the
// steps that the plan calls unrelated: more errors than in the baseline, or a larger share of
// operations beyond twice the baseline's p99 than the 1% that a p99 leaves there.
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

constexpr std::string_view kName = "cascade";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.cascade",
      .help = "",
      .keys = {
          steps_key("unrelated", "Scenarios or steps that do not need the broken dependency."),
          share_key("error_margin", "1%",
                    "More errors than in the baseline by this many points are too many."),
          number_key("slowdown", "2",
                     "Operations beyond this many times the baseline's p99 are slow."),
          duration_key("slack", "20ms",
                       "Slow is at least this much above the baseline's p99, too."),
          least_key("300",
                    "Operations of each unrelated step, in the baseline and in the fault phase.")}};
  return spec;
}

void accuse(const std::string& step, std::string how, Finding& finding) {
  finding.verdict = Verdict::kFail;
  finding.summary = fmt::format("{} {} while a dependency that it does not need was broken",
                                printable(step), std::move(how));
  finding.remedies = {
      "give calls to each dependency a pool of threads and connections of their own (bulkhead)",
      "a deadline and a circuit breaker at each call, so that nothing waits for what is broken",
      "take what is optional out of the request: queue it, or answer without it"};
}

Finding judge_step(const RunRecord& record, const SettingsReader& settings,
                   const std::string& step) {
  Finding finding = finding_of(kName, step);
  const PhaseFigures baseline = figures_of(record, {step}, Phase::kBaseline);
  const PhaseFigures fault = figures_of(record, {step}, Phase::kFault);
  if (!generator_is_sound(record, finding) ||
      !can_compare(record, baseline, fault, settings.count("least"), finding)) {
    return finding;
  }
  constexpr double kBeyondP99 = 0.01;
  const ErrorGrowth errors = error_growth(baseline, fault);
  const Slower slower =
      slower_than(fault.response,
                  slow_limit(baseline, settings.number("slowdown"), settings.duration("slack")));
  finding.evidence = {errors.text, fmt::format("{}; 1% may", slower.text)};
  const bool fails = errors.is_more_than(settings.share("error_margin"));
  const bool slows = slower.low > kBeyondP99;
  if (fails || slows) {
    accuse(step,
           fails && slows ? "failed and slowed down"
           : fails        ? "failed"
                          : "slowed down",
           finding);
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary =
        fmt::format("{} went on as before while the dependency was broken", printable(step));
  }
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  const SettingsReader settings(record, kName, settings_spec());
  if (is_asked(record, kName)) {
    for (const std::string& step : settings.list("unrelated")) {
      findings.push_back(judge_step(record, settings, step));
    }
  }
  return findings;
}

}  // namespace

void register_detector_cascade(model::DetectorRegistry& registry);
void register_detector_cascade(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "one failing dependency takes down what does not need it",
                .needs = "faults on one dependency that begin after the measured phase did, and "
                         "`unrelated` in [detector.cascade]",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
