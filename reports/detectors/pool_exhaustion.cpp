// pool-exhaustion: a pool of connections or threads is used up by slow calls, and whoever needs
// the pool waits, although nothing is down. A step that shares the pool slows down while one that
// does not need it stays as it was; when that one slows down too it is the CPU, and nothing is
// said of the pool.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/stats/bootstrap.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::Phase;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "pool-exhaustion";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.pool-exhaustion",
      .help = "",
      .keys = {
          steps_key("shared", "Scenarios or steps that need the pool but not the slow dependency."),
          steps_key("static",
                    "Scenarios or steps that need neither: they tell a full pool from a busy CPU."),
          number_key("slowdown", "2",
                     "Times its baseline's 90th percentile that a shared step may take."),
          number_key("static_slowdown", "1.2",
                     "The same of a static step; above it nothing is said."),
          duration_key("slack", "10ms", "Beneath it nothing counts as slower."),
          least_key("100", "Operations of each in the baseline and in the fault phase.")}};
  return spec;
}

double p90_of(std::span<const double> sample) {
  std::vector<double> sorted(sample.begin(), sample.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() * 9 / 10];
}

// How many times the baseline's p90 the fault phase's is; values below the slack count as such.
stats::Interval slowdown(const PhaseFigures& baseline, const PhaseFigures& fault, Duration slack) {
  const auto floor_us =
      static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(slack).count());
  const std::vector<double> before = sample_of(baseline.response);
  const std::vector<double> now = sample_of(fault.response);
  return stats::bootstrap(now, before, [&](auto a, auto b) {
    return std::max(p90_of(a), floor_us) / std::max(p90_of(b), floor_us);
  });
}

std::string slowdown_text(const std::vector<std::string>& steps, const stats::Interval& ratio,
                          const PhaseFigures& baseline, const PhaseFigures& fault) {
  return fmt::format(
      "{}: p90 {} of {}, in the baseline {} of {}: times {:.2f}, 95% interval {:.2f} "
      "to {:.2f}",
      names_text(steps), time_text(static_cast<double>(fault.response.value_at_percentile(90))),
      fault.operations, time_text(static_cast<double>(baseline.response.value_at_percentile(90))),
      baseline.operations, ratio.value, ratio.low, ratio.high);
}

void conclude(const SettingsReader& settings, const stats::Interval& shared,
              const stats::Interval& control, Finding& finding) {
  if (control.value > settings.number("static_slowdown")) {
    set_inconclusive(finding,
                     "what needs no pool slowed down too: the CPU or the network was "
                     "short, which says nothing of a pool");
  } else if (shared.low > settings.number("slowdown")) {
    finding.verdict = Verdict::kFail;
    finding.summary = fmt::format(
        "what shares a pool with slow calls took {:.1f} times as long, and "
        "what needs no pool did not",
        shared.value);
    finding.remedies = {
        "size the pool by Little's law: rate times the time that a connection is held",
        "wait for a connection for a short time only, and say so (503), instead of queueing",
        "hold no connection while another service is called; give slow calls a pool of their own"};
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = "what shares the pool stayed as fast while calls were slow";
  }
}

std::vector<Finding> detect(const RunRecord& record) {
  const SettingsReader settings(record, kName, settings_spec());
  const std::vector<std::string> shared = settings.list("shared");
  const std::vector<std::string> control = settings.list("static");
  if (!is_asked(record, kName) || shared.empty() || control.empty()) {
    return {};
  }
  Finding finding = finding_of(kName, shared.front());
  const PhaseFigures before = figures_of(record, shared, Phase::kBaseline);
  const PhaseFigures now = figures_of(record, shared, Phase::kFault);
  const PhaseFigures control_before = figures_of(record, control, Phase::kBaseline);
  const PhaseFigures control_now = figures_of(record, control, Phase::kFault);
  const std::uint64_t least = settings.count("least");
  const auto answered = [](const PhaseFigures& figures) { return figures.response.count() > 0; };
  if (generator_is_sound(record, finding) && can_compare(record, before, now, least, finding) &&
      can_compare(record, control_before, control_now, least, finding)) {
    if (!answered(before) || !answered(now) || !answered(control_before) ||
        !answered(control_now)) {
      set_inconclusive(finding, "a phase has no operation that ended");
      return {finding};
    }
    const Duration slack = settings.duration("slack");
    const stats::Interval of_shared = slowdown(before, now, slack);
    const stats::Interval of_control = slowdown(control_before, control_now, slack);
    finding.evidence = {slowdown_text(shared, of_shared, before, now),
                        slowdown_text(control, of_control, control_before, control_now)};
    conclude(settings, of_shared, of_control, finding);
  }
  return {finding};
}

}  // namespace

void register_detector_pool_exhaustion(model::DetectorRegistry& registry);
void register_detector_pool_exhaustion(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "slow calls use up a pool, and what shares it waits",
                .needs = "a fault that slows a dependency down after a baseline, and `shared` and "
                         "`static` in [detector.pool-exhaustion]",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
