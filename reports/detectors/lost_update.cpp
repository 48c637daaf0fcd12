// lost-update: two read, both change what they read and write it back, and the first one's change
// is silently gone. Every change that was acknowledged must be there in the end; one that was
// refused, since somebody else was faster, has no claim. A version that is known to be old must be
// refused.
#include <fmt/core.h>

#include "loadgen/model/detector.hpp"
#include "loadgen/model/detector_settings.hpp"
#include "reports/detectors/common/effect_steps.hpp"
#include "reports/detectors/common/judging.hpp"
#include "reports/detectors/common/lost_effects.hpp"
#include "reports/detectors/common/spec.hpp"
#include "reports/detectors/common/unexpected_answers.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::RunRecord;
using model::SettingsReader;
using model::Verdict;

constexpr std::string_view kName = "lost-update";

const expr::TableSpec& settings_spec() {
  static const expr::TableSpec spec{
      .name = "detector.lost-update",
      .help = "",
      .keys = {steps_key("on",
                         "Effect steps that write back what was read, each with a token of its own "
                         "in it; all unless given."),
               steps_key("stale",
                         "Steps that write with a version which is known to be old: their `expect` "
                         "says how that is refused."),
               least_key("50",
                         "Acknowledged changes of each step, and answers about old "
                         "versions.")}};
  return spec;
}

std::vector<std::string> remedies() {
  return {
      "keep a version with what can be changed, and write only where it is the one that was "
      "read: UPDATE … WHERE id = ? AND version = ?; answer 412 when nothing was changed",
      "demand the version from every writer (If-Match), and answer 428 without it",
      "or let clients send the change instead of the result, and apply it in one transaction"};
}

// Without such a step nothing is said.
void judge_stale(const RunRecord& record, const SettingsReader& settings,
                 std::vector<Finding>& findings) {
  const std::vector<std::string> steps = settings.list("stale");
  if (steps.empty()) {
    return;
  }
  const UnexpectedAnswers answers = unexpected_answers(record, steps);
  Finding finding = finding_of(kName, "old versions");
  finding.about_effects = true;
  finding.evidence = answers.demands;
  if (answers.unexpected > 0) {
    finding.verdict = Verdict::kFail;
    finding.summary = fmt::format("{} of {} writes with an old version were not refused",
                                  answers.unexpected, answers.answers);
    finding.remedies = remedies();
  } else if (answers.answers - answers.missing < settings.count("least")) {
    set_inconclusive(
        finding, fmt::format("{} writes with an old version were refused as `expect` "
                             "says, {} were answered otherwise; it takes {}",
                             answers.answers - answers.missing, answers.missing + answers.errors,
                             settings.text("least")));
  } else {
    finding.verdict = Verdict::kPass;
    finding.summary =
        fmt::format("all {} writes with an old version were refused", answers.answers);
  }
  findings.push_back(std::move(finding));
}

std::vector<Finding> detect(const RunRecord& record) {
  const SettingsReader settings(record, kName, settings_spec());
  const LossWords words{
      .detector = kName, .least = settings.count("least"), .remedies = remedies()};
  std::vector<Finding> findings;
  for (const model::EffectCounts* counts : effect_steps(record, kName, settings.list("on"))) {
    findings.push_back(judge_lost(record, *counts, words));
  }
  if (!findings.empty()) {
    judge_stale(record, settings, findings);
  }
  return findings;
}

}  // namespace

void register_detector_lost_update(model::DetectorRegistry& registry);
void register_detector_lost_update(model::DetectorRegistry& registry) {
  registry.add({.name = kName,
                .summary = "of two changes at once, one is silently gone",
                .needs = "steps with `effect` that write back what they read, several at one "
                         "moment, and an [[effects.oracle]] that tells whose changes are there",
                .detect = detect,
                .settings = &settings_spec(),
                .needs_effects = true});
}

}  // namespace squall::reports
