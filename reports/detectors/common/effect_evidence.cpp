#include "reports/detectors/common/effect_evidence.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/timeline.hpp"
#include "loadgen/stats/proportion.hpp"
#include "reports/detectors/common/judging.hpp"

namespace squall::reports {
namespace {

using model::EffectCase;
using model::EffectCounts;
using model::EffectOrigin;
using model::EffectVerdict;
using model::Finding;
using model::RunRecord;
using model::Verdict;

constexpr std::size_t kCasesShown = 3;

bool is_about(const RunRecord& record, const EffectCase& wrong, const EffectCounts& counts,
              EffectVerdict verdict) {
  return wrong.verdict == verdict && wrong.operation.step < record.steps.size() &&
         record.steps[wrong.operation.step].name == counts.step;
}

std::vector<const EffectCase*> cases_of(const RunRecord& record, const EffectCounts& counts,
                                        EffectVerdict verdict) {
  std::vector<const EffectCase*> result;
  for (const EffectCase& wrong : record.effects.cases) {
    if (is_about(record, wrong, counts, verdict)) {
      result.push_back(&wrong);
    }
  }
  return result;
}

EffectOrigin origin_of(const EffectCase& wrong, const std::string& step) {
  EffectOrigin origin;
  origin.step = step;
  for (const model::EffectAttempt& attempt : wrong.timeline) {
    origin.faults.insert(origin.faults.end(), attempt.faults.begin(), attempt.faults.end());
    origin.retried = origin.retried || attempt.attempt > 0;
  }
  std::sort(origin.faults.begin(), origin.faults.end());
  origin.faults.erase(std::unique(origin.faults.begin(), origin.faults.end()), origin.faults.end());
  return origin;
}

// The most frequent way first; from the listed cases when the run did not keep it.
std::vector<EffectOrigin> origins_of(const RunRecord& record, const EffectCounts& counts,
                                     EffectVerdict verdict) {
  std::map<std::pair<std::vector<std::uint16_t>, bool>, EffectOrigin> groups;
  const auto add = [&](EffectOrigin origin, std::uint64_t operations) {
    auto& group = groups.try_emplace({origin.faults, origin.retried}, origin).first->second;
    group.operations += operations;
  };
  for (EffectOrigin origin : record.effects.origins) {
    if (origin.step == counts.step && origin.verdict == verdict) {
      const std::uint64_t operations = std::exchange(origin.operations, 0);
      add(std::move(origin), operations);
    }
  }
  if (groups.empty()) {
    for (const EffectCase* wrong : cases_of(record, counts, verdict)) {
      add(origin_of(*wrong, counts.step), 1);
    }
  }
  std::vector<EffectOrigin> result;
  result.reserve(groups.size());
  for (auto& [key, group] : groups) {
    result.push_back(std::move(group));
  }
  std::stable_sort(result.begin(), result.end(), [](const EffectOrigin& a, const EffectOrigin& b) {
    return a.operations > b.operations;
  });
  return result;
}

// A rate is known for a group of one fault that touches this step alone: of how many firings the
// duplicates came.
std::string group_rate(const RunRecord& record, const EffectOrigin& origin) {
  if (origin.faults.size() != 1 || origin.faults.front() >= record.faults.size()) {
    return {};
  }
  const model::RecordedFault& fault = record.faults[origin.faults.front()];
  if (fault.steps.size() != 1 || fault.counts.fired == 0) {
    return {};
  }
  return fmt::format(" (of {} firings {})", fault.counts.fired,
                     rate_text(origin.operations, fault.counts.fired));
}

}  // namespace

std::uint64_t counted(const EffectCounts& counts, EffectVerdict verdict) {
  return counts.verdicts[static_cast<std::size_t>(verdict)];
}

std::uint64_t counted(const EffectCounts& counts, model::OperationOutcome outcome) {
  return counts.outcomes[static_cast<std::size_t>(outcome)];
}

std::string rate_text(std::uint64_t hits, std::uint64_t trials) {
  const stats::ProportionInterval rate = stats::proportion_interval(std::min(hits, trials), trials);
  return fmt::format("{}, 95% interval {} to {}", percent(rate.share), percent(rate.low),
                     percent(rate.high));
}

std::vector<std::string> origin_lines(const RunRecord& record, const EffectCounts& counts,
                                      EffectVerdict verdict) {
  std::vector<std::string> lines;
  const std::vector<EffectOrigin> origins = origins_of(record, counts, verdict);
  std::uint64_t explained = 0;
  for (const EffectOrigin& origin : origins) {
    explained += origin.operations;
  }
  const std::uint64_t wrong = counted(counts, verdict);
  if (explained < wrong && explained > 0) {
    lines.push_back(fmt::format("how they came about, of the first {}:", explained));
  }
  for (const EffectOrigin& origin : origins) {
    lines.push_back(fmt::format(
        "{} touched by {}{}{}", origin.operations, model::fault_list(record, origin.faults),
        origin.retried ? ", then retried" : ", not retried", group_rate(record, origin)));
  }
  return lines;
}

void add_case_lines(const RunRecord& record, const EffectCounts& counts, EffectVerdict verdict,
                    Finding& finding) {
  const std::vector<const EffectCase*> cases = cases_of(record, counts, verdict);
  for (std::size_t i = 0; i < std::min(cases.size(), kCasesShown); ++i) {
    const EffectCase& wrong = *cases[i];
    finding.evidence.push_back(fmt::format(
        "operation {}, key {}: {}, {} effects", wrong.operation.arrival,
        printable(wrong.operation.key), model::to_string(wrong.operation.outcome), wrong.effects));
    for (const model::EffectAttempt& attempt : wrong.timeline) {
      finding.evidence.push_back("  " + model::timeline_line(record, attempt));
    }
  }
  if (!cases.empty()) {
    if (!record.timeline.empty()) {
      finding.evidence.emplace_back(
          "squall replay repeats the operation with its client faults; what proxies and actions "
          "did at that time is not done again");
    }
    finding.reproducer = fmt::format("squall replay DIR --key {}",
                                     shell_quote(printable(cases.front()->operation.key)));
  }
}

bool effects_are_known(const RunRecord& record, const EffectCounts& counts, Finding& finding) {
  const std::uint64_t undecided = counted(counts, EffectVerdict::kUndecided);
  const auto& oracles = record.effects.oracles;  // the first one's counts are the verdicts
  if (undecided > 0) {
    set_invalid(finding, fmt::format("the effects of {} of {} operations of {} are not known",
                                     undecided, counts.operations, printable(counts.step)));
    return false;
  }
  if (counts.operations == 0) {
    set_inconclusive(finding, fmt::format("no operation of {} was sent", printable(counts.step)));
    return false;
  }
  if (!oracles.empty() && oracles.front().still_changing()) {
    set_invalid(
        finding,
        fmt::format("counts of {} were still changing: oracle {} gave no two equal readings in {}",
                    printable(counts.step), printable(oracles.front().name),
                    format_duration(oracles.front().settle_time)));
    return false;
  }
  return true;
}

void add_oracle_problems(const RunRecord& record, Finding& finding) {
  for (const model::OracleReport& oracle : record.effects.oracles) {
    if (!oracle.problem.empty()) {
      finding.evidence.push_back(
          fmt::format("oracle {}: {}", printable(oracle.name), printable(oracle.problem)));
    }
  }
}

}  // namespace squall::reports
