// upstream-changed: a dependency answers in another format than before. The target has to say
// clearly that it failed: no crash, no broken connection, no success for an answer that it cannot
// have understood, and no wrong effect. Whether the plan's `expect` believes such a success does
// not matter: a status of success says that all went well.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "loadgen/stats/proportion.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/spec.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::Phase;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "upstream-changed";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.upstream-changed",
      .help = "",
      .keys = {steps_key("on", "Scenarios or steps that need the dependency; all unless given."),
               proxy_key(),
               {.name = "fallback",
                .type = expr::ValueType::kBoolean,
                .help = "Whether the target may succeed without the dependency's answer.",
                .default_value = "false"},
               share_key("share", "1%",
                         "Of the operations that may end in another way than a clear error."),
               least_key("20", "Answers that the fault changed.")}};
  return spec;
}

// Endings that tell a caller nothing: an exception that nobody caught, or no answer.
bool is_unclear(const model::RecordedEnding& ending) {
  constexpr int kInternalError = 500;
  return ending.status == kInternalError || ending.how == model::AttemptClass::kReset ||
         ending.how == model::AttemptClass::kClosed ||
         ending.how == model::AttemptClass::kMalformed;
}

// A status of success over an answer that the plan's `expect` does not take for one.
bool is_false_success(const model::RecordedEnding& ending) {
  constexpr int kFirstSuccess = 200;
  constexpr int kFirstRedirect = 300;
  return ending.how == model::AttemptClass::kUnexpected && ending.status >= kFirstSuccess &&
         ending.status < kFirstRedirect;
}

// Attempts of those steps that ended so. Endings are of the whole run.
std::uint64_t endings_of(const RunRecord& record, const std::vector<std::string>& steps,
                         bool (*is_so)(const model::RecordedEnding&)) {
  std::uint64_t count = 0;
  for (const model::RecordedEnding& ending : record.endings) {
    const bool chosen =
        steps.empty() || std::any_of(steps.begin(), steps.end(), [&](const std::string& step) {
          return model::selects_step(step, ending.step);
        });
    count += chosen && is_so(ending) ? ending.attempts : 0;
  }
  return count;
}

std::uint64_t crashes(const RunRecord& record) {
  return static_cast<std::uint64_t>(
      std::count_if(record.events.begin(), record.events.end(), [&](const model::RunEvent& event) {
        return event.kind == "service" && event.at >= record.phase_bounds.fault_from;
      }));
}

// Operations whose count of effects is wrong.
std::uint64_t wrong_effects(const RunRecord& record) {
  std::uint64_t wrong = 0;
  for (const model::EffectCounts& counts : record.effects.steps) {
    for (const auto verdict : {model::EffectVerdict::kLost, model::EffectVerdict::kDuplicate,
                               model::EffectVerdict::kPhantom}) {
      wrong += counts.verdicts[static_cast<std::size_t>(verdict)];
    }
  }
  return wrong;
}

struct Changed {
  std::uint64_t calls = 0;
  std::uint64_t faulted = 0;
};

// Operations that succeeded without an answer that was left as it was, at least so many: whoever
// succeeds needs one at least. Both differences are bounds: the first one counts changed calls that
// were tried again, the second one operations whose call came after the fault's end.
std::uint64_t taken_for_success(const PhaseFigures& fault, const Changed& changed) {
  const std::uint64_t acked = fault.operations - fault.errors;
  const std::uint64_t unchanged = changed.calls - std::min(changed.faulted, changed.calls);
  return std::min(acked - std::min(unchanged, acked),
                  changed.faulted - std::min(fault.errors, changed.faulted));
}

Changed changed_answers(const RunRecord& record, const std::string& proxy) {
  Changed changed;
  for (const model::DependencyProxy* one : proxies_of(record, proxy)) {
    if (const auto phase = one->phases.find(Phase::kFault); phase != one->phases.end()) {
      changed.calls += phase->second.calls;
      changed.faulted += phase->second.faulted;
    }
  }
  return changed;
}

void conclude(const std::string& what, Finding& finding) {
  if (what.empty()) {
    finding.verdict = Verdict::kPass;
    finding.summary = "answers of another format were refused with a clear error";
    return;
  }
  finding.verdict = Verdict::kFail;
  finding.summary = "an answer of another format " + what;
  finding.remedies = {
      "check status, content type and shape of each answer before using it",
      "answer 502 or 503 when a dependency says what nobody understands",
      "refuse what is missing instead of filling it in: no default for an amount or a state"};
}

Finding judge(const RunRecord& record, const SettingsReader& settings) {
  const std::vector<std::string> steps = settings.list("on");
  Finding finding = finding_of(kName, steps.empty() ? "all" : steps.front());
  const Changed changed = changed_answers(record, settings.text("proxy"));
  const PhaseFigures fault = figures_of(record, steps, Phase::kFault);
  if (changed.faulted < settings.count("least") || fault.operations == 0) {
    set_inconclusive(finding, fmt::format("the fault changed {} answers; it takes {}",
                                          changed.faulted, settings.text("least")));
    return finding;
  }
  const std::uint64_t unclear = std::min(endings_of(record, steps, is_unclear), fault.attempts);
  const std::uint64_t false_successes =
      std::min(endings_of(record, steps, is_false_success),
               fault.classes[static_cast<std::size_t>(model::AttemptClass::kUnexpected)]);
  const std::uint64_t acked = fault.operations - fault.errors;
  const std::uint64_t taken = settings.flag("fallback") ? 0 : taken_for_success(fault, changed);
  const double share = settings.share("share");
  const auto above = [&](std::uint64_t hits, std::uint64_t trials) {
    return trials > 0 && stats::proportion_interval(std::min(hits, trials), trials).low > share;
  };
  finding.evidence = {
      fmt::format("{} of {} answers of the dependency were changed", changed.faulted,
                  changed.calls),
      fmt::format("{} of {} operations succeeded meanwhile, {} of them without an answer that was "
                  "as before; {} attempts of {} ended with 500 or without a whole answer",
                  acked, fault.operations, taken, unclear, fault.attempts),
      fmt::format("{} attempts of {} ended with a status of success and an answer that the plan's "
                  "expect refused",
                  false_successes, fault.attempts),
      fmt::format("{} services ended, {} operations have a wrong count of effects", crashes(record),
                  wrong_effects(record))};
  conclude(crashes(record) > 0                      ? "ended a service"
           : wrong_effects(record) > 0              ? "led to wrong effects"
           : above(taken, fault.operations)         ? "was taken for a success"
           : above(false_successes, fault.attempts) ? "was passed on as a success"
           : above(unclear, fault.attempts)         ? "led to errors that tell nothing"
                                                    : "",
           finding);
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  if (!is_asked(record, kName)) {
    return {};
  }
  return {judge(record, SettingsReader(record, kName, settings_spec()))};
}

}  // namespace

void register_detector_upstream_changed(model::DetectorRegistry& registry);
void register_detector_upstream_changed(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "an answer of another format breaks the target instead of being refused",
                .needs = "faults on the answers of a dependency behind a [[proxy]] in HTTP mode, "
                         "after a baseline",
                .detect = detect,
                .settings = &settings_spec()});
}

}  // namespace squall::reports
