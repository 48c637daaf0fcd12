// lying-health: the health check says that all is well while users fail, or that nothing is while
// they do not, or it takes so long that a balancer gives up on it. Lays the probe's answers
// beside the share of successes, second by second.
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

constexpr std::string_view kName = "lying-health";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.lying-health",
      .help = "",
      .keys = {{.name = "probe",
                .type = expr::ValueType::kString,
                .help = "The [[probe]] of the health path; every one unless given.",
                .example = "\"health\""},
               share_key("failing", "50%", "Below this share of successes users fail."),
               share_key("well", "99%", "Above this share they are well."),
               duration_key("slow", "1s", "A health check that takes longer is no good answer."),
               {.name = "windows",
                .type = expr::ValueType::kInteger,
                .help = "Seconds in a row that make a finding.",
                .default_value = "3"},
               least_key("5", "Operations that a second needs to count.")}};
  return spec;
}

// What users saw in one second, and what the probe said.
struct Window {
  std::int64_t second = 0;
  double success = 0;
  bool healthy = false;
  bool slow = false;
};

std::vector<Window> windows_of(const RunRecord& record, const model::RecordedProbe& probe,
                               const SettingsReader& settings) {
  constexpr int kGood = 200;
  constexpr int kBad = 400;
  std::vector<Window> windows;
  for (const model::SecondSummary& second : record.seconds) {
    const Duration from = std::chrono::seconds(second.second);
    const std::uint64_t all = second.acked + second.not_acked;
    const auto answer =
        std::find_if(probe.answers.rbegin(), probe.answers.rend(),
                     [&](const auto& one) { return one.at < from + std::chrono::seconds(1); });
    const bool fresh =
        answer != probe.answers.rend() &&
        answer->at + std::max<Duration>(probe.every, std::chrono::seconds(1)) >= from;
    if (from < Duration::zero() || from >= record.measured_duration || !fresh ||
        all < settings.count("least")) {
      continue;
    }
    const bool slow = answer->took > settings.duration("slow");
    windows.push_back({second.second, static_cast<double>(second.acked) / static_cast<double>(all),
                       answer->status >= kGood && answer->status < kBad && !slow, slow});
  }
  return windows;
}

// The longest row of neighbouring seconds for which the predicate holds.
template <class Predicate>
std::uint64_t longest_row(const std::vector<Window>& windows, Predicate holds) {
  std::uint64_t longest = 0;
  std::uint64_t row = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const bool adjacent = i > 0 && windows[i].second == windows[i - 1].second + 1;
    row = holds(windows[i]) ? (adjacent ? row : 0) + 1 : 0;
    longest = std::max(longest, row);
  }
  return longest;
}

void conclude(const std::string& what, std::uint64_t failing, std::uint64_t wanted,
              Finding& finding) {
  if (!what.empty()) {
    finding.verdict = Verdict::kFail;
    finding.summary = what;
    finding.remedies = {
        "readiness asks what requests need: the store, the pool, the dependency without which "
        "nothing works; liveness asks only whether the process lives",
        "answer from what was seen lately, within a deadline, instead of calling everything anew"};
  } else if (failing < wanted) {
    set_inconclusive(finding,
                     fmt::format("users failed for {} seconds in a row; it takes {} to see "
                                 "what the health check says then",
                                 failing, wanted));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = "the health check told what users saw";
  }
}

Finding judge(const RunRecord& record, const model::RecordedProbe& probe,
              const SettingsReader& settings) {
  Finding finding = finding_of(kName, probe.name);
  const std::vector<Window> windows = windows_of(record, probe, settings);
  const double failing = settings.share("failing");
  const double well = settings.share("well");
  const std::uint64_t wanted = std::max<std::uint64_t>(1, settings.count("windows"));
  const auto bad = longest_row(windows, [&](const Window& w) { return w.success < failing; });
  const auto lies =
      longest_row(windows, [&](const Window& w) { return w.success < failing && w.healthy; });
  const auto panics = longest_row(
      windows, [&](const Window& w) { return w.success > well && !w.healthy && !w.slow; });
  const auto slow = longest_row(windows, [&](const Window& w) { return w.slow; });
  finding.evidence = {
      fmt::format("{} of {} answers of {} in {} seconds that count", windows.size(),
                  probe.answers.size(), printable(probe.request), windows.size()),
      fmt::format("longest rows of seconds: users failing {}, of them with a good health check {}; "
                  "a bad one while users were well {}; one slower than {} {}",
                  bad, lies, panics, format_duration(settings.duration("slow")), slow)};
  conclude(lies >= wanted ? fmt::format("for {} seconds in a row the health check was good while "
                                        "users failed",
                                        lies)
           : panics >= wanted
               ? fmt::format("for {} seconds in a row the health check was bad while "
                             "users were well",
                             panics)
           : slow >= wanted ? fmt::format("for {} seconds in a row the health check took longer "
                                          "than {}",
                                          slow, format_duration(settings.duration("slow")))
                            : "",
           bad, wanted, finding);
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  const SettingsReader settings(record, kName, settings_spec());
  const std::string wanted = settings.text("probe");
  if (is_asked(record, kName)) {
    for (const model::RecordedProbe& probe : record.probes) {
      if (wanted.empty() || probe.name == wanted) {
        findings.push_back(judge(record, probe, settings));
      }
    }
  }
  return findings;
}

}  // namespace

void register_detector_lying_health(model::DetectorRegistry& registry);
void register_detector_lying_health(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "the health check does not tell what users see",
                .needs = "a [[probe]] of the health path, and faults that make users fail",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
