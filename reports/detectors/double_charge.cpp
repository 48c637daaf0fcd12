// double-charge: an operation that was asked for once has more than one effect.
//
// Judges each effect step by the oracle's counts. Failures tell how they came about: the faults
// that touched the operations, with how often such a fault led to a second effect. Silence is worth
// as much as was tried: without any repetition on the wire (copies, retries) it is inconclusive,
// else the evidence bounds the rate that may have been missed.

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/detector.hpp"
#include "loadgen/model/selection.hpp"
#include "loadgen/model/timeline.hpp"
#include "loadgen/stats/proportion.hpp"

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

// What mends it, the most important first.
constexpr std::array<std::string_view, 5> kRemedies = {
    "claim the key atomically before the work: a unique constraint and one insert, not a look-up "
    "first",
    "store the answer with the key in the transaction that does the work; repetitions get it again",
    "pass the same key on to the payment provider and other services: their retries repeat it too",
    "let a repetition that finds the first one still running wait or answer 409, never start the "
    "work",
    "keep keys at least as long as clients and queues may repeat a request",
};

std::uint64_t count_of(const EffectCounts& counts, EffectVerdict verdict) {
  return counts.verdicts[static_cast<std::size_t>(verdict)];
}

std::string percent(double share) {
  return format_share(Share{share});
}

// "0.64%, 95% interval 0.45% to 0.87%"
std::string rate_text(std::uint64_t hits, std::uint64_t trials) {
  const stats::ProportionInterval rate = stats::proportion_interval(std::min(hits, trials), trials);
  return fmt::format("{}, 95% interval {} to {}", percent(rate.share), percent(rate.low),
                     percent(rate.high));
}

bool is_about(const RunRecord& record, const EffectCase& wrong, const EffectCounts& counts) {
  return wrong.verdict == EffectVerdict::kDuplicate && wrong.operation.step < record.steps.size() &&
         record.steps[wrong.operation.step].name == counts.step;
}

std::vector<const EffectCase*> cases_of(const RunRecord& record, const EffectCounts& counts) {
  std::vector<const EffectCase*> result;
  for (const EffectCase& wrong : record.effects.cases) {
    if (is_about(record, wrong, counts)) {
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

// How the step's duplicates came about, the most frequent way first; from the listed cases when the
// run did not keep it.
std::vector<EffectOrigin> origins_of(const RunRecord& record, const EffectCounts& counts) {
  std::map<std::pair<std::vector<std::uint16_t>, bool>, EffectOrigin> groups;
  const auto add = [&](EffectOrigin origin, std::uint64_t operations) {
    auto& group = groups.try_emplace({origin.faults, origin.retried}, origin).first->second;
    group.operations += operations;
  };
  for (EffectOrigin origin : record.effects.origins) {
    if (origin.step == counts.step && origin.verdict == EffectVerdict::kDuplicate) {
      const std::uint64_t operations = std::exchange(origin.operations, 0);
      add(std::move(origin), operations);
    }
  }
  if (groups.empty()) {
    for (const EffectCase* wrong : cases_of(record, counts)) {
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

std::vector<std::string> origin_lines(const RunRecord& record, const EffectCounts& counts) {
  std::vector<std::string> lines;
  const std::vector<EffectOrigin> origins = origins_of(record, counts);
  std::uint64_t explained = 0;
  for (const EffectOrigin& origin : origins) {
    explained += origin.operations;
  }
  const std::uint64_t duplicates = count_of(counts, EffectVerdict::kDuplicate);
  if (explained < duplicates && explained > 0) {
    lines.push_back(fmt::format("how they came about, of the first {}:", explained));
  }
  for (const EffectOrigin& origin : origins) {
    lines.push_back(fmt::format(
        "{} touched by {}{}{}", origin.operations, model::fault_list(record, origin.faults),
        origin.retried ? ", then retried" : ", not retried", group_rate(record, origin)));
  }
  return lines;
}

void add_case_lines(const RunRecord& record, const EffectCounts& counts, Finding& finding) {
  const std::vector<const EffectCase*> cases = cases_of(record, counts);
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

// Requests of the step on the wire beyond the first of each operation.
std::uint64_t repeats_of(const RunRecord& record, const std::string& step) {
  const model::CellFilter filter{.step = step, .exposure = {}, .phase = {}};
  const model::OperationCounts operations = model::count_operations(record, filter);
  std::uint64_t attempts = 0;
  for (const std::uint64_t count : model::count_attempts(record, filter)) {
    attempts += count;
  }
  const std::uint64_t all = operations.total();
  return attempts > all ? attempts - all : 0;  // a dropped arrival is one of each
}

void accuse(const RunRecord& record, const EffectCounts& counts, Finding& finding) {
  const std::uint64_t duplicates = count_of(counts, EffectVerdict::kDuplicate);
  finding.verdict = Verdict::kFail;
  finding.summary = fmt::format("{} of {} operations of {} were done more than once", duplicates,
                                counts.operations, printable(counts.step));
  finding.evidence.push_back(
      fmt::format("share of all operations: {}", rate_text(duplicates, counts.operations)));
  for (std::string& line : origin_lines(record, counts)) {
    finding.evidence.push_back(std::move(line));
  }
  add_case_lines(record, counts, finding);
  finding.remedies.assign(kRemedies.begin(), kRemedies.end());
}

void acquit(const EffectCounts& counts, std::uint64_t repeats, Finding& finding) {
  const std::string step = printable(counts.step);
  if (repeats == 0) {
    finding.verdict = Verdict::kInconclusive;
    finding.summary = fmt::format(
        "no operation of {} was repeated, so nothing could be done twice by a repetition", step);
    finding.evidence = {
        "a duplicate fault, or a drop fault with retries, puts the step to the test"};
    return;
  }
  finding.verdict = Verdict::kPass;
  finding.summary =
      fmt::format("none of {} operations of {} was done more than once", counts.operations, step);
  const double missed = stats::proportion_interval(0, repeats, 0.05).high;
  finding.evidence = {
      fmt::format("{} repetitions on the wire; with 95% confidence fewer than {} of such "
                  "repetitions have a second effect",
                  repeats, percent(missed))};
}

Finding judge_step(const RunRecord& record, const EffectCounts& counts) {
  Finding finding;
  finding.detector = "double-charge";
  finding.id = "double-charge:" + counts.step;
  finding.about_effects = true;
  const std::uint64_t undecided = count_of(counts, EffectVerdict::kUndecided);
  const auto& oracles = record.effects.oracles;  // the first one's counts are the verdicts
  if (count_of(counts, EffectVerdict::kDuplicate) > 0) {
    accuse(record, counts, finding);
  } else if (undecided > 0) {
    finding.verdict = Verdict::kInvalid;
    finding.summary = fmt::format("the effects of {} of {} operations of {} are not known",
                                  undecided, counts.operations, printable(counts.step));
  } else if (counts.operations == 0) {
    finding.verdict = Verdict::kInconclusive;
    finding.summary = fmt::format("no operation of {} was sent", printable(counts.step));
  } else if (!oracles.empty() && oracles.front().still_changing()) {
    finding.verdict = Verdict::kInvalid;
    finding.summary =
        fmt::format("counts of {} were still changing: oracle {} gave no two equal readings in {}",
                    printable(counts.step), printable(oracles.front().name),
                    format_duration(oracles.front().settle_time));
  } else {
    acquit(counts, repeats_of(record, counts.step), finding);
  }
  for (const model::OracleReport& oracle : oracles) {
    if (!oracle.problem.empty()) {
      finding.evidence.push_back(
          fmt::format("oracle {}: {}", printable(oracle.name), printable(oracle.problem)));
    }
  }
  return finding;
}

std::vector<Finding> detect(const RunRecord& record) {
  std::vector<Finding> findings;
  if (record.effects.counted) {
    for (const EffectCounts& counts : record.effects.steps) {
      findings.push_back(judge_step(record, counts));
    }
  }
  return findings;
}

}  // namespace

void register_detector_double_charge(model::DetectorRegistry& registry);
void register_detector_double_charge(model::DetectorRegistry& registry) {
  registry.add({.name = "double-charge",
                .summary = "an operation that was asked for once has more than one effect",
                .needs = "a step with `effect` and an [[effects.oracle]]",
                .detect = detect,
                .needs_effects = true});
}

}  // namespace squall::reports
