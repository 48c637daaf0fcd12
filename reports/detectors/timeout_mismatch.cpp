// timeout-mismatch: a caller gets an error, and the work is done all the same, since the callee
// had more time than the caller. Counts effects of operations that were answered with an error;
// those that squall gave up itself, or lost the answer of, prove nothing.
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

constexpr std::string_view kName = "timeout-mismatch";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.timeout-mismatch",
      .help = "",
      .keys = {steps_key("on", "Effect steps to judge; all unless given."),
               least_key("20", "Operations that were answered with an error.")}};
  return spec;
}

std::uint64_t of(const std::array<std::uint64_t, model::kAttemptClassCount>& classes,
                 model::AttemptClass how) {
  return classes[static_cast<std::size_t>(how)];
}

// Attempts after which squall does not know what the target would have answered.
std::uint64_t unanswered(const std::array<std::uint64_t, model::kAttemptClassCount>& classes) {
  return of(classes, model::AttemptClass::kTimeout) + of(classes, model::AttemptClass::kReset) +
         of(classes, model::AttemptClass::kClosed) + of(classes, model::AttemptClass::kCut) +
         of(classes, model::AttemptClass::kMalformed);
}

std::uint64_t verdict_of(const model::EffectCounts& counts, model::EffectVerdict verdict) {
  return counts.verdicts[static_cast<std::size_t>(verdict)];
}

Finding judge_step(const RunRecord& record, const SettingsReader& settings,
                   const model::EffectCounts& counts) {
  using model::EffectVerdict;
  Finding finding = finding_of(kName, counts.step);
  const auto classes =
      model::count_attempts(record, {.step = counts.step, .exposure = {}, .phase = {}});
  const std::uint64_t errors = of(classes, model::AttemptClass::kServerError) +
                               of(classes, model::AttemptClass::kClientError);
  const std::uint64_t acked =
      counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
  const std::uint64_t known = acked - std::min(acked, verdict_of(counts, EffectVerdict::kLost));
  const std::uint64_t excess = counts.effects - std::min(counts.effects, known);
  const std::uint64_t unsafe = excess - std::min(excess, unanswered(classes));
  finding.evidence = {fmt::format(
      "{} effects; {} operations were acknowledged, {} attempts answered with an error, {} without "
      "an answer",
      counts.effects, acked, errors, unanswered(classes))};
  if (verdict_of(counts, EffectVerdict::kUndecided) > 0) {
    set_invalid(finding, fmt::format("the effects of {} operations are not known",
                                     verdict_of(counts, EffectVerdict::kUndecided)));
  } else if (verdict_of(counts, EffectVerdict::kDuplicate) > 0) {
    set_inconclusive(finding,
                     "operations were done more than once (see double-charge), so effects "
                     "cannot be told from each other");
  } else if (unsafe > 0) {
    finding.verdict = Verdict::kFail;
    finding.summary =
        fmt::format("{} operations of {} or more were done although their caller got an error",
                    unsafe, printable(counts.step));
    finding.remedies = {
        "order the timeouts: each caller waits longer than what it calls, retries included",
        "hand the deadline down, and do not begin what cannot be done in time",
        "make the work repeatable under one key, so that a caller may safely ask again"};
  } else if (errors < settings.count("least")) {
    set_inconclusive(finding, fmt::format("{} attempts were answered with an error; it takes {}",
                                          errors, settings.text("least")));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary = fmt::format("nothing was done of what {} refused", printable(counts.step));
  }
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  const SettingsReader settings(record, kName, settings_spec());
  const std::vector<std::string> steps = settings.list("on");
  if (!is_asked(record, kName) || !record.effects.counted) {
    return findings;
  }
  for (const model::EffectCounts& counts : record.effects.steps) {
    if (steps.empty() || std::any_of(steps.begin(), steps.end(), [&](const std::string& step) {
          return model::selects_step(step, counts.step);
        })) {
      findings.push_back(judge_step(record, settings, counts));
    }
  }
  return findings;
}

}  // namespace

void register_detector_timeout_mismatch(model::DetectorRegistry& registry);
void register_detector_timeout_mismatch(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "work goes on and is done after its caller got an error",
                .needs = "a step with `effect`, an [[effects.oracle]], and a fault that slows a "
                         "dependency beyond the target's timeout",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
