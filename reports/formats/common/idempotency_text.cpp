#include "reports/formats/common/idempotency_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "loadgen/base/units.hpp"

namespace squall::reports {
namespace {

using model::PropertyResult;
using model::PropertyVerdict;

std::string control_line(const model::IdempotencyReport& report) {
  if (report.control_operations == 0) {
    return "no control group was sent";
  }
  std::string line = fmt::format("control group: {} operations sent once, service time S {}",
                                 report.control_operations, format_duration(report.service_time));
  if (report.effects_counted && report.oracle_problem.empty()) {
    line += fmt::format("; {} effects, {} each", report.control_effects, report.effects_each);
  }
  return line;
}

std::string counting_line(const model::IdempotencyReport& report) {
  if (!report.effects_counted) {
    return "effects: not counted, the plan has no oracle; what answers name was compared";
  }
  std::string line = "effects: counted by " +
                     (report.oracles.empty() ? std::string("an oracle")
                                             : fmt::format("{}", fmt::join(report.oracles, ", ")));
  if (report.oracles.size() > 1) {
    line += report.disagreement_count == 0
                ? (report.unanswered.empty() ? "; they agree" : "")
                : fmt::format("; they disagree about {} token{}", report.disagreement_count,
                              report.disagreement_count == 1 ? "" : "s");
  }
  return report.oracle_problem.empty() ? line : line + "; FAILED: " + report.oracle_problem;
}

}  // namespace

std::vector<std::string> verification_lines(const model::IdempotencyReport& report) {
  std::vector<std::string> lines = {"profile: " + report.profile, control_line(report),
                                    counting_line(report)};
  for (const std::string& disagreement : report.disagreements) {
    lines.push_back("disagree: " + disagreement);
  }
  if (report.disagreement_count > report.disagreements.size()) {
    lines.push_back(
        fmt::format("disagree: {} more", report.disagreement_count - report.disagreements.size()));
  }
  for (const std::string& problem : report.unanswered) {
    lines.push_back("could not answer: oracle " + problem);
  }
  if (!report.volatile_fields.empty()) {
    lines.push_back(
        fmt::format("masked as volatile in bodies: {}", fmt::join(report.volatile_fields, ", ")));
  }
  return lines;
}

std::string property_counts(const model::IdempotencyReport& report) {
  std::string text;
  for (const PropertyVerdict verdict : {PropertyVerdict::kFail, PropertyVerdict::kWarn,
                                        PropertyVerdict::kPass, PropertyVerdict::kNotTested}) {
    const auto count = std::count_if(
        report.properties.begin(), report.properties.end(),
        [verdict](const PropertyResult& property) { return property.verdict == verdict; });
    if (count > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, model::to_string(verdict));
    }
  }
  return text;
}

std::string property_sentence(const PropertyResult& property) {
  if (property.verdict != PropertyVerdict::kNotTested || property.needs.empty()) {
    return property.summary;
  }
  return (property.summary.empty() ? "" : property.summary + "; ") + "the plan lacks " +
         property.needs;
}

std::string hit_rate_text(const PropertyResult& property) {
  return property.reproducer_tries == 0
             ? ""
             : fmt::format("hit {} of {}", property.reproduced, property.reproducer_tries);
}

std::string learned_profile_text(const model::IdempotencyReport& report,
                                 const std::string& directory) {
  if (report.learned.empty()) {
    return {};
  }
  return fmt::format(
      "the dialect that was learnt is a profile now: copy {0}/{1} beside the plan and declare it "
      "with [idempotency] profile = \"./{1}\"",
      directory.empty() ? "DIR" : directory, kLearnedProfile);
}

bool is_without_load(const model::RunRecord& record) {
  return record.idempotency != nullptr && record.seconds.empty() && record.operations.empty();
}

bool is_broken(const PropertyResult& property) {
  return property.verdict == PropertyVerdict::kFail || property.verdict == PropertyVerdict::kWarn;
}

const PropertyResult* property_of(const model::IdempotencyReport* report,
                                  const model::Finding& finding) {
  if (report == nullptr || finding.detector != model::kIdempotencyDetector) {
    return nullptr;
  }
  const auto found =
      std::find_if(report->properties.begin(), report->properties.end(),
                   [&](const PropertyResult& one) { return finding_id(one) == finding.id; });
  return found == report->properties.end() ? nullptr : &*found;
}

}  // namespace squall::reports
