// no-breaker: calls go on to a dependency that is broken, so that each caller waits for it and it
// gets no rest. Compares the calls per arrival, from a while after the fault began, with those of
// the baseline.
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

constexpr std::string_view kName = "no-breaker";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.no-breaker",
      .help = "",
      .keys = {
          proxy_key(),
          duration_key("within", "10s",
                       "After the fault's begin, the time that a breaker may take to open."),
          share_key("share", "20%",
                    "Of the baseline's calls per arrival, the share that may still reach the "
                    "dependency."),
          least_key("30", "Calls that the time looked at would have had as in the baseline.")}};
  return spec;
}

void compare(const CallFigures& before, const CallFigures& after, double most, Finding& finding) {
  const stats::RatioInterval ratio =
      stats::rate_ratio(after.calls, static_cast<double>(after.inbound), before.calls,
                        static_cast<double>(before.inbound));
  finding.evidence.push_back(
      fmt::format("{} calls for {} arrivals, in the baseline {} for {}: {} of the calls were left, "
                  "95% interval {} to {}; at most {} should be",
                  after.calls, after.inbound, before.calls, before.inbound, percent(ratio.ratio),
                  percent(ratio.low), percent(ratio.high), percent(most)));
  if (ratio.low > most) {
    finding.verdict = Verdict::kFail;
    finding.summary = fmt::format("{} of the calls still went to a dependency that was broken",
                                  percent(ratio.ratio));
    finding.remedies = {
        "a circuit breaker: after a few failures answer at once, and let single calls try again",
        "answer without the dependency where that is possible (cached, default, later)"};
  } else if (ratio.high < most) {
    finding.verdict = Verdict::kPass;
    finding.summary =
        fmt::format("calls to the broken dependency stopped: {} were left", percent(ratio.ratio));
  } else {
    set_inconclusive(finding,
                     "the share of calls that were left is too close to the limit for so "
                     "few calls");
  }
}

Finding judge_proxy(const RunRecord& record, const SettingsReader& settings,
                    const model::DependencyProxy& proxy) {
  constexpr double kBroken = 0.5;
  Finding finding = finding_of(kName, proxy.name);
  if (!generator_is_sound(record, finding)) {
    return finding;
  }
  const model::PhaseBounds& bounds = record.phase_bounds;
  const CallFigures before = calls_between(record, proxy, Duration::zero(), bounds.fault_from);
  const CallFigures all = calls_between(record, proxy, bounds.fault_from, bounds.fault_to);
  const CallFigures after = calls_between(
      record, proxy, bounds.fault_from + settings.duration("within"), bounds.fault_to);
  const double expected = before.inbound == 0 ? 0
                                              : static_cast<double>(before.calls) /
                                                    static_cast<double>(before.inbound) *
                                                    static_cast<double>(after.inbound);
  finding.evidence.push_back(
      fmt::format("{} of {} calls while the fault lasted got no success", all.failed, all.calls));
  if (!bounds.split || before.calls == 0) {
    set_inconclusive(finding, "there is no baseline of calls to compare with");
  } else if (expected < settings.number("least")) {
    set_inconclusive(finding, fmt::format("{:.0f} calls would have come from {} after the fault's "
                                          "begin on; it takes {}",
                                          expected, format_duration(settings.duration("within")),
                                          settings.text("least")));
  } else if (all.calls == 0 ||
             static_cast<double>(all.failed) < kBroken * static_cast<double>(all.calls)) {
    set_inconclusive(
        finding,
        "less than half of the calls failed, so no breaker needed to open; what toxics "
        "do to answers on their way back is not seen here, \"upstream\" ones are");
  } else {
    compare(before, after, settings.share("share"), finding);
  }
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  const SettingsReader settings(record, kName, settings_spec());
  if (is_asked(record, kName)) {
    for (const model::DependencyProxy* proxy : proxies_of(record, settings.text("proxy"))) {
      findings.push_back(judge_proxy(record, settings, *proxy));
    }
  }
  return findings;
}

}  // namespace

void register_detector_no_breaker(model::DetectorRegistry& registry);
void register_detector_no_breaker(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "callers go on calling a dependency that does not answer",
                .needs = "a [[proxy]] in HTTP mode in front of the dependency, and faults on it "
                         "that begin after the measured phase did",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
