// retry-storm: retries multiply the calls to a dependency that is already sick. Compares calls
// per arrival while the fault lasts, and after it, with the baseline: with a retry budget of 10%
// they grow by 1.1 at most.
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

constexpr std::string_view kName = "retry-storm";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.retry-storm",
      .help = "",
      .keys = {proxy_key(),
               number_key("most", "1.1",
                          "Calls per arrival, times those of the baseline, that are allowed."),
               duration_key("settle", "4s",
                            "After the fault's end, the time until calls have to be as in the "
                            "baseline: two timeouts."),
               least_key("200", "Arrivals in the baseline and while the fault lasted.")}};
  return spec;
}

struct Amplification {
  stats::RatioInterval ratio;
  std::string text;
};

Amplification amplification(const CallFigures& before, const CallFigures& now) {
  Amplification result;
  result.ratio = stats::rate_ratio(now.calls, static_cast<double>(now.inbound), before.calls,
                                   static_cast<double>(before.inbound));
  result.text = fmt::format(
      "{} calls for {} arrivals, in the baseline {} for {}: times {:.2f}, 95% interval {:.2f} to "
      "{:.2f}",
      now.calls, now.inbound, before.calls, before.inbound, result.ratio.ratio, result.ratio.low,
      result.ratio.high);
  return result;
}

// How a caller waits between its tries, when traces tell.
void add_gaps(const model::DependencyProxy& proxy, Finding& finding) {
  const auto phase = proxy.phases.find(Phase::kFault);
  if (phase == proxy.phases.end()) {
    return;
  }
  std::string text;
  for (const stats::Histogram& gap : phase->second.gaps) {
    if (gap.count() > 0) {
      text += fmt::format("{}{} (90% of them {} to {})", text.empty() ? "" : ", ",
                          time_text(static_cast<double>(gap.value_at_percentile(50))),
                          time_text(static_cast<double>(gap.value_at_percentile(5))),
                          time_text(static_cast<double>(gap.value_at_percentile(95))));
    }
  }
  if (!text.empty()) {
    finding.evidence.push_back("medians of the pauses before the 2nd, 3rd, … call of one trace: " +
                               text + "; they should grow, and scatter");
  }
}

void conclude(const SettingsReader& settings, const Amplification& during,
              const std::optional<Amplification>& after, Finding& finding) {
  const double most = settings.number("most");
  const bool lingers = after && after->ratio.low > most;
  if (during.ratio.low > most || lingers) {
    finding.verdict = Verdict::kFail;
    finding.summary =
        during.ratio.low > most
            ? fmt::format("a failing dependency got {:.1f} times its calls", during.ratio.ratio)
            : fmt::format("{} after the dependency was well it still got {:.1f} times its calls",
                          format_duration(settings.duration("settle")), after->ratio.ratio);
    finding.remedies = {
        "a retry budget: at most a tenth of the calls are retries, over all callers",
        "retry at one layer only, with exponential backoff and full jitter",
        "a circuit breaker that stops retries when most of them fail"};
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary =
        fmt::format("a failing dependency got {:.2f} times its calls", during.ratio.ratio);
  }
}

Finding judge_proxy(const RunRecord& record, const SettingsReader& settings,
                    const model::DependencyProxy& proxy) {
  Finding finding = finding_of(kName, proxy.name);
  const model::PhaseBounds& bounds = record.phase_bounds;
  const CallFigures before = calls_between(record, proxy, Duration::zero(), bounds.fault_from);
  const CallFigures during = calls_between(record, proxy, bounds.fault_from, bounds.fault_to);
  const CallFigures after = calls_between(
      record, proxy, bounds.fault_to + settings.duration("settle"), record.measured_duration);
  const std::uint64_t least = settings.count("least");
  if (!generator_is_sound(record, finding)) {
    return finding;
  }
  if (!bounds.split || before.calls == 0 || before.inbound < least || during.inbound < least) {
    set_inconclusive(finding, fmt::format("{} arrivals and {} calls in the baseline, {} arrivals "
                                          "while the fault lasted; it takes {} arrivals of each",
                                          before.inbound, before.calls, during.inbound, least));
    return finding;
  }
  if (during.failed == 0) {
    set_inconclusive(finding,
                     "no call failed while the fault lasted, so nothing was to be retried");
    return finding;
  }
  const Amplification now = amplification(before, during);
  finding.evidence = {now.text +
                      fmt::format("; at most {:.2f} is allowed", settings.number("most"))};
  std::optional<Amplification> later;
  if (after.inbound >= least) {
    later = amplification(before, after);
    finding.evidence.push_back("after the fault, " + later->text);
  }
  add_gaps(proxy, finding);
  conclude(settings, now, later, finding);
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

void register_detector_retry_storm(model::DetectorRegistry& registry);
void register_detector_retry_storm(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "retries multiply the calls to a dependency that is sick",
                .needs = "a [[proxy]] in HTTP mode in front of the dependency, and faults that "
                         "begin after the measured phase did",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
