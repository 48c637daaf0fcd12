#include "reports/checks/idempotency.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::reports {
namespace {

using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;
using Weight = IdempotencyRemark::Weight;

constexpr std::size_t kSentence = 500;

// IDEMPOTENCY §3.4, end.
bool breaks_correctness(PropertyHarm harm) {
  switch (harm) {
    case PropertyHarm::kEffects:
    case PropertyHarm::kState:
    case PropertyHarm::kLeak:
    case PropertyHarm::kStuck:
      return true;
    case PropertyHarm::kNone:
    case PropertyHarm::kAnswer:
      return false;
  }
  return false;
}

model::Finding finding_of(const PropertyResult& property, bool strict) {
  model::Finding finding;
  finding.detector = model::kIdempotencyDetector;
  finding.id = model::finding_id(property);
  finding.summary = fmt::format("{}: {}", property.title, property.summary);
  finding.evidence = property.evidence;
  const bool passed = property.verdict == PropertyVerdict::kPass;
  finding.verdict = passed ? model::Verdict::kPass : model::Verdict::kFail;
  finding.required = property.verdict != PropertyVerdict::kWarn || strict;
  finding.about_effects =
      property.verdict == PropertyVerdict::kFail && breaks_correctness(property.harm);
  if (!passed) {
    finding.remedies = property.remedies;
    finding.reproducer = property.reproducer;
  }
  return finding;
}

std::uint64_t count(const model::IdempotencyReport& report, PropertyVerdict verdict) {
  return static_cast<std::uint64_t>(std::count_if(
      report.properties.begin(), report.properties.end(),
      [verdict](const PropertyResult& property) { return property.verdict == verdict; }));
}

}  // namespace

std::vector<model::Finding> idempotency_findings(const model::IdempotencyReport& report,
                                                 bool strict) {
  std::vector<model::Finding> findings;
  for (const PropertyResult& property : report.properties) {
    if (property.verdict != PropertyVerdict::kNotTested) {
      findings.push_back(finding_of(property, strict));
    }
  }
  return findings;
}

std::vector<IdempotencyRemark> idempotency_remarks(const model::IdempotencyReport& report) {
  std::vector<IdempotencyRemark> remarks;
  if (!report.oracle_problem.empty()) {
    remarks.push_back({Weight::kInvalid, fmt::format("effects could not be counted: {}",
                                                     printable(report.oracle_problem, kSentence))});
  }
  for (const std::string& oracle : report.unanswered) {
    remarks.push_back({Weight::kInvalid,
                       fmt::format("effects could not be compared: an oracle could not answer: {}",
                                   printable(oracle, kSentence))});
  }
  if (report.disagreement_count > 0) {
    remarks.push_back(
        {Weight::kDoubt,
         fmt::format("the oracles disagree about {} token{}; the first one decided: {}",
                     report.disagreement_count, report.disagreement_count == 1 ? "" : "s",
                     report.disagreements.empty() ? "" : printable(report.disagreements.front()))});
  }
  std::uint64_t without_means = 0;
  for (const PropertyResult& property : report.properties) {
    if (property.verdict != PropertyVerdict::kNotTested) {
      continue;
    }
    if (!property.needs.empty()) {
      ++without_means;
    } else if (report.oracle_problem.empty()) {
      remarks.push_back({Weight::kDoubt, fmt::format("property {}, {}: {}", property.number,
                                                     printable(property.title),
                                                     printable(property.summary, kSentence))});
    }
  }
  if (without_means > 0) {
    const bool nothing = count(report, PropertyVerdict::kNotTested) == report.properties.size();
    remarks.push_back(
        {nothing ? Weight::kDoubt : Weight::kDoubtStrict,
         fmt::format("{} of {} properties were not tested: the plan lacks the means for them",
                     without_means, report.properties.size())});
  }
  return remarks;
}

}  // namespace squall::reports
