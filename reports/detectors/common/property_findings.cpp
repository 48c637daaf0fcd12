#include "reports/detectors/common/property_findings.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "reports/detectors/common/judging.hpp"

namespace squall::reports {
namespace {

using model::Finding;
using model::PropertyHarm;
using model::PropertyResult;
using model::PropertyVerdict;
using model::Verdict;

Finding judge_property(const PropertyResult& property, const PropertyWords& words) {
  Finding finding = finding_of(words.detector, property.name);
  finding.summary = fmt::format("{}: {}", property.title, property.summary);
  finding.evidence = property.evidence;
  finding.evidence.push_back("provoked by: " + property.provocation);
  const bool failed = property.verdict == PropertyVerdict::kFail;
  if (property.verdict == PropertyVerdict::kNotTested) {
    set_inconclusive(finding,
                     fmt::format("{} was not tested: {}", property.title,
                                 property.needs.empty() ? property.summary : property.needs));
  } else if (failed && property.harm == words.harm) {
    finding.verdict = Verdict::kFail;
    finding.about_effects = true;
    finding.remedies = property.remedies;
    finding.reproducer = property.reproducer;
  } else if (failed && property.harm != PropertyHarm::kAnswer) {
    set_inconclusive(finding, fmt::format("{} failed by something else, behind which this cannot "
                                          "be seen: {}",
                                          property.title, property.summary));
  } else {
    finding.verdict = Verdict::kPass;
  }
  return finding;
}

}  // namespace

std::vector<Finding> judge_properties(const model::RunRecord& record, const PropertyWords& words) {
  std::vector<Finding> findings;
  if (record.idempotency == nullptr) {
    return findings;
  }
  for (const PropertyResult& property : record.idempotency->properties) {
    if (std::find(words.properties.begin(), words.properties.end(), property.name) !=
        words.properties.end()) {
      findings.push_back(judge_property(property, words));
    }
  }
  return findings;
}

}  // namespace squall::reports
