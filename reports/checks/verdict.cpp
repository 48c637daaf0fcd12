#include "reports/checks/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/span_text.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/comparison.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/checks/effects.hpp"
#include "reports/checks/evaluate.hpp"
#include "reports/checks/history.hpp"
#include "reports/checks/idempotency.hpp"
#include "reports/checks/proxy_injection.hpp"
#include "reports/checks/warm_up.hpp"

namespace squall::reports {
namespace {

using model::ExitCode;
using model::RunRecord;
using model::Verdict;

// What was found so far: the worst code and the sentences.
class Case {
 public:
  void add(ExitCode code, std::string reason) {
    code_ = model::worse(code_, code);
    reasons_.push_back(std::move(reason));
  }
  void warn(std::string reason) { warnings_.push_back("warning: " + std::move(reason)); }
  // Not a failure, but no pass either.
  void doubt(bool strict, std::string reason) {
    doubtful_ = true;
    add(strict ? ExitCode::kInconclusive : ExitCode::kPass, std::move(reason));
  }

  void write_to(RunRecord& record) && {
    record.exit_code = code_;
    record.verdict = verdict();
    record.reasons = std::move(reasons_);
    record.reasons.insert(record.reasons.end(), std::make_move_iterator(warnings_.begin()),
                          std::make_move_iterator(warnings_.end()));
  }

 private:
  [[nodiscard]] Verdict verdict() const {
    switch (code_) {
      case ExitCode::kPass:
        return doubtful_ ? Verdict::kInconclusive : Verdict::kPass;
      case ExitCode::kInvalid:
        return Verdict::kInvalid;
      case ExitCode::kInconclusive:
      case ExitCode::kInterrupted:
      case ExitCode::kTerminated:
        return Verdict::kInconclusive;
      case ExitCode::kCheckFailed:
      case ExitCode::kUsage:
      case ExitCode::kUnreachable:
      case ExitCode::kCorrectness:
      case ExitCode::kRegression:
      case ExitCode::kInternal:
      case ExitCode::kNotWritten:
        return Verdict::kFail;
    }
    return Verdict::kFail;
  }

  ExitCode code_ = ExitCode::kPass;
  bool doubtful_ = false;
  std::vector<std::string> reasons_;
  std::vector<std::string> warnings_;
};

std::string with_note(std::string text, const std::string& note) {
  return note.empty() ? text : fmt::format("{} ({})", text, printable(note, 800));
}

void weigh(Verdict verdict, bool about_effects, bool strict, std::string reason, Case& found) {
  switch (verdict) {
    case Verdict::kPass:
      return;
    case Verdict::kFail:
      return found.add(about_effects ? ExitCode::kCorrectness : ExitCode::kCheckFailed,
                       std::move(reason));
    case Verdict::kInvalid:
      return found.add(ExitCode::kInvalid, std::move(reason));
    case Verdict::kInconclusive:
      return found.doubt(strict, std::move(reason));
  }
}

void weigh_unreachable(const RunRecord& record, Case& found) {
  const auto counts = model::count_attempts(record, {.step = {}, .exposure = {}, .phase = {}});
  const auto of = [&](model::AttemptClass how) { return counts[static_cast<std::size_t>(how)]; };
  std::uint64_t refused = of(model::AttemptClass::kRefused);
  std::uint64_t unanswered = refused + of(model::AttemptClass::kTimeout);
  std::uint64_t attempts = 0;
  for (const std::uint64_t count : counts) {
    attempts += count;
  }
  attempts -= of(model::AttemptClass::kDropped) + of(model::AttemptClass::kNoData);
  // What this host had no descriptor or port for says nothing about the target.
  const std::uint64_t own = record.totals.out_of_descriptors + record.totals.out_of_ports;
  refused -= std::min(own, refused);
  unanswered -= std::min(own, unanswered);
  attempts -= std::min(own, attempts);
  if (attempts > 0 && attempts == unanswered && record.totals.bytes_received == 0) {
    found.add(
        ExitCode::kUnreachable,
        fmt::format("the target was never reachable: of {} attempts {} were refused and {} timed "
                    "out, and not a byte came back",
                    attempts, refused, unanswered - refused));
  }
}

void weigh_checks(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  for (std::size_t i = 0; i < record.checks.size(); ++i) {
    const model::CheckResult& check = record.checks[i];
    const std::string source = printable(check.source);
    const std::string sentence =
        check.verdict == Verdict::kFail
            ? fmt::format("{}: it was {}", source, check.value_text)
            : fmt::format("{}: {}", source, model::to_string(check.verdict));
    weigh(check.verdict, check.about_effects, inputs.strict, with_note(sentence, check.note),
          found);
    const std::uint64_t undecided = check.about_effects && i < inputs.require.size()
                                        ? undecided_effects(record, inputs.require[i].step)
                                        : 0;
    if (undecided > 0 && check.verdict == Verdict::kFail) {
      found.add(ExitCode::kInvalid,
                fmt::format("{}: beside that, {} operations are undecided", source, undecided));
    }
  }
}

void weigh_findings(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  for (const model::Finding& finding : record.findings) {
    std::string sentence =
        fmt::format("{}: {}", printable(finding.id), printable(finding.summary, 500));
    if (finding.required) {
      weigh(finding.verdict, finding.about_effects, inputs.strict, std::move(sentence), found);
    } else if (finding.verdict == Verdict::kFail) {
      found.warn(std::move(sentence) + (finding.detector == model::kIdempotencyDetector
                                            ? "; with --strict it fails"
                                            : "; the plan does not list it under findings"));
    }
  }
}

void run_detectors(RunRecord& record, const JudgeInputs& inputs,
                   const model::DetectorRegistry& detectors, Case& found) {
  std::vector<model::Finding> findings;
  for (const model::DetectorKind& kind : detectors.entries()) {
    const bool required = std::find(inputs.findings.begin(), inputs.findings.end(), kind.name) !=
                          inputs.findings.end();
    std::vector<model::Finding> judged = kind.detect(record);
    if (required && judged.empty()) {
      found.add(
          ExitCode::kInvalid,
          record.complete
              ? fmt::format("{}: there was nothing to judge; it needs {}", kind.name, kind.needs)
              : fmt::format("{}: there was nothing to judge: squall was killed before what "
                            "it looks at was recorded",
                            kind.name));
    }
    for (model::Finding& finding : judged) {
      finding.required = required;
      findings.push_back(std::move(finding));
    }
  }
  for (const std::string& name : inputs.findings) {
    if (detectors.find(name) == nullptr) {
      found.add(ExitCode::kInvalid, fmt::format("there is no detector \"{}\"", printable(name)));
    }
  }
  record.findings = std::move(findings);
}

// REQUIRES: after run_detectors, which replaces all findings.
void add_idempotency(RunRecord& record, const JudgeInputs& inputs) {
  if (record.idempotency != nullptr) {
    for (model::Finding& finding : idempotency_findings(*record.idempotency, inputs.strict)) {
      record.findings.push_back(std::move(finding));
    }
  }
}

void weigh_idempotency(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  if (record.idempotency == nullptr) {
    return;
  }
  for (IdempotencyRemark& remark : idempotency_remarks(*record.idempotency)) {
    switch (remark.weight) {
      case IdempotencyRemark::Weight::kInvalid:
        found.add(ExitCode::kInvalid, std::move(remark.sentence));
        break;
      case IdempotencyRemark::Weight::kDoubt:
        found.doubt(inputs.strict, std::move(remark.sentence));
        break;
      case IdempotencyRemark::Weight::kDoubtStrict:
        if (inputs.strict) {
          found.doubt(true, std::move(remark.sentence));
        } else {
          found.warn(std::move(remark.sentence));
        }
        break;
    }
  }
}

// What stood in the record before it was judged is kept: judging does not compare again.
void weigh_comparison(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  if (record.comparison == nullptr) {
    return;
  }
  const model::ComparisonReport& report = *record.comparison;
  for (const model::MetricComparison& metric : report.metrics) {
    if (metric.verdict == model::ComparisonVerdict::kWorse) {
      found.add(ExitCode::kRegression,
                fmt::format("worse than the baseline: {}", printable(name_of(metric))));
    }
  }
  if (report.verdict == model::ComparisonVerdict::kInconclusive) {
    const std::string sentence = "whether the run is as good as the baseline is not decided";
    if (inputs.strict) {
      found.doubt(true, sentence);
    } else {
      found.warn(sentence);
    }
  }
}

// A fault that chose nothing: of so few attempts that chance explains it, or not.
void weigh_idle_fault(const model::RecordedFault& fault, const JudgeInputs& inputs, Case& found) {
  constexpr double kChance = 0.01;
  const std::string name = printable(fault.name);
  const std::uint64_t eligible = fault.counts.eligible;
  const auto share = inputs.fault_shares.find(fault.name);
  const double none = share == inputs.fault_shares.end()
                          ? 0
                          : std::pow(1 - share->second, static_cast<double>(eligible));
  if (none >= kChance) {
    found.doubt(
        inputs.strict,
        fmt::format("fault {}: none of the {} attempts was its turn, which {} of so few "
                    "have a chance of {} for: send more, or give it a larger share",
                    name, eligible, format_share(Share{share->second}), format_share(Share{none})));
    return;
  }
  found.add(ExitCode::kInvalid,
            fmt::format("fault {}: it touched none of the {} attempts that it could have touched",
                        name, eligible));
}

void weigh_injection(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  for (const model::RecordedFault& fault : record.faults) {
    const model::FaultCounts& counts = fault.counts;
    const std::string name = printable(fault.name);
    const std::uint64_t done = counts.fired + counts.preempted;
    if (counts.eligible == 0) {
      found.warn(fmt::format("fault {}: no attempt fell into its window, so it did nothing", name));
    } else if (counts.planned == 0 && !record.shard.is_whole()) {
      // first_n and every_nth count the run's attempts: whether one had its turn, all shards know.
      found.warn(fmt::format("fault {}: none of this shard's {} attempts was its turn", name,
                             counts.eligible));
    } else if (counts.planned == 0) {
      weigh_idle_fault(fault, inputs, found);
    } else if (done < counts.planned && !record.complete && fault.unfired.empty()) {
      found.warn(
          fmt::format("fault {}: {} of {} that were decided were open when squall was killed", name,
                      counts.planned - done, counts.planned));
    } else if (done < counts.planned) {
      const std::string why = fault.unfired.empty() ? "" : printable(fault.unfired.front(), 300);
      found.add(ExitCode::kInvalid,
                with_note(fmt::format("fault {}: {} of {} that were decided did not fire", name,
                                      counts.planned - done, counts.planned),
                          why));
    } else if (counts.fired == 0) {
      found.add(
          ExitCode::kInvalid,
          fmt::format("fault {}: none of the {} that were decided fired, the attempts ended before",
                      name, counts.planned));
    } else if (counts.preempted > 0) {
      found.warn(
          fmt::format("fault {}: {} of {} attempts ended before the fault's point was reached",
                      name, counts.preempted, counts.planned));
    }
  }
}

void weigh_on_timeline(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  for (InjectionRemark& remark : weigh_timeline(record, inputs.fault_shares)) {
    if (remark.weight == InjectionRemark::Weight::kDoubt) {
      found.doubt(inputs.strict, std::move(remark.sentence));
    } else {
      found.add(ExitCode::kInvalid, std::move(remark.sentence));
    }
  }
}

// Whoever reads the report need not have read the plan.
void weigh_tls(const RunRecord& record, Case& found) {
  for (const model::RecordedTls& tls : record.tls) {
    if (tls.insecure) {
      found.warn(fmt::format(
          "target {} was NOT verified: the plan's tls.insecure takes any certificate, so somebody "
          "else may have answered",
          printable(tls.target)));
    }
  }
}

// Breaches void checks, and that is weighed with the checks; here the rest is told.
void weigh_breaches(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  const bool judges_nothing =
      inputs.require.empty() && inputs.findings.empty() && !judges_history(record);
  const bool voided = std::any_of(
      record.checks.begin(), record.checks.end(),
      [](const model::CheckResult& check) { return check.verdict == Verdict::kInvalid; });
  for (const model::Breach& breach : record.breaches) {
    std::string sentence = fmt::format("the measurement is invalid from {:.0f}s on: {}",
                                       breach.from_second, printable(breach.reason, 500));
    if (judges_nothing || breach.voids_effects) {
      found.add(ExitCode::kInvalid, std::move(sentence));
    } else if (!voided) {
      found.warn(std::move(sentence) + "; no check of this plan rests on it");
    }
  }
}

// What an oracle that never came to rest makes of checks is weighed with them; here it is told when
// nothing rests on it.
void weigh_effects_health(const RunRecord& record, Case& found) {
  const bool weighed =
      std::any_of(record.checks.begin(), record.checks.end(), [](const model::CheckResult& check) {
        return check.about_effects && check.verdict == Verdict::kInvalid;
      });
  for (const model::OracleReport& oracle : record.effects.oracles) {
    if (oracle.still_changing() && !weighed) {
      found.warn(unrest_of(oracle));
    }
  }
  if (record.effects.disagreement_count > 0) {
    const std::uint64_t count = record.effects.disagreement_count;
    const auto& shown = record.effects.disagreements;
    found.warn(fmt::format("the oracles disagree about {} key{}; the first one decided: {}", count,
                           count == 1 ? "" : "s", shown.empty() ? "" : printable(shown.front())));
  }
}

void weigh_warm_up(const RunRecord& record, Case& found) {
  const auto cold = warming_up(record);
  if (!cold) {
    return;
  }
  const auto text = [](std::int64_t microseconds) {
    return format_duration(std::chrono::microseconds(microseconds));
  };
  const Duration wanted = record.warmup + std::chrono::seconds(cold->until + 1);
  found.warn(
      fmt::format("p50 was still falling until second {} ({} at first, {} later), and is measured "
                  "all the same: "
                  "consider load.warmup = \"{}\"",
                  cold->until, text(cold->first_us), text(cold->steady_us), span_text(wanted)));
}

void weigh_end(const RunRecord& record, const JudgeInputs& inputs, Case& found) {
  for (const model::RunEvent& event : record.events) {
    if (event.kind == "abort") {
      found.add(ExitCode::kCheckFailed,
                fmt::format("at {:.1f}s: {}", to_seconds(event.at), printable(event.text, 500)));
    }
  }
  for (const model::RunEvent& event : record.events) {
    if (event.kind == "service") {
      found.warn(
          fmt::format("at {:.1f}s: service {}", to_seconds(event.at), printable(event.text, 300)));
    }
    if (event.kind == "undo") {
      found.add(ExitCode::kInvalid, printable(event.text, 500));
    }
  }
  if (!record.complete) {
    const bool uncounted =
        !record.effects.counted &&
        std::any_of(record.steps.begin(), record.steps.end(),
                    [](const model::RecordedStep& step) { return step.is_effect; });
    found.doubt(inputs.strict,
                fmt::format("incomplete: squall was killed, and this is what its journal holds{}",
                            uncounted ? "; effects were not counted" : ""));
  }
  if (record.interrupted) {
    found.add(inputs.signal_code, fmt::format("stopped by a signal after {} of {}",
                                              format_duration(record.measured_duration),
                                              format_duration(record.planned_duration)));
  }
}

}  // namespace

JudgeInputs judge_inputs(const model::Checks& checks) {
  JudgeInputs inputs;
  for (const auto& [condition, where] : checks.require) {
    inputs.require.push_back(condition);
  }
  for (const auto& [name, where] : checks.findings) {
    inputs.findings.push_back(name);
  }
  return inputs;
}

std::map<std::string, double> fault_shares(const model::Plan& plan) {
  std::map<std::string, double> shares;
  for (const model::PlannedFault& fault : plan.faults) {
    const auto every = static_cast<double>(std::max<std::uint64_t>(fault.selection.every_nth, 1));
    shares[fault.name] = fault.selection.share.fraction / every;
  }
  for (const model::PlannedProxyFault& fault : plan.proxy_faults) {
    shares[fault.name] = fault.share.fraction;
  }
  return shares;
}

void judge(RunRecord& record, const JudgeInputs& inputs, const model::DetectorRegistry& detectors) {
  Case found;
  record.checks.clear();
  for (const expr::Condition& condition : inputs.require) {
    record.checks.push_back(evaluate(condition, record));
  }
  add_history_checks(record);
  weigh_unreachable(record, found);
  weigh_checks(record, inputs, found);
  run_detectors(record, inputs, detectors, found);
  add_idempotency(record, inputs);
  weigh_findings(record, inputs, found);
  weigh_idempotency(record, inputs, found);
  weigh_comparison(record, inputs, found);
  add_history_findings(record);  // weighed as checks
  weigh_injection(record, inputs, found);
  weigh_on_timeline(record, inputs, found);
  weigh_breaches(record, inputs, found);
  weigh_effects_health(record, found);
  weigh_tls(record, found);
  weigh_warm_up(record, found);
  weigh_end(record, inputs, found);
  std::move(found).write_to(record);
}

}  // namespace squall::reports
