// markdown: a summary fit for a comment on a pull request (GitHub's Markdown). What does not fit
// into a comment is left out by sections, and that is said.

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/report_format.hpp"
#include "loadgen/model/timeline.hpp"
#include "reports/formats/common/capacity_text.hpp"
#include "reports/formats/common/comparison_text.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/headline.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/markdown_idempotency.hpp"
#include "reports/formats/common/markdown_proxies.hpp"
#include "reports/formats/common/phases.hpp"
#include "reports/formats/common/skew_text.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;
using model::Verdict;

constexpr std::size_t kMaxBytes = 60'000;  // GitHub takes 65,536 characters
constexpr std::size_t kRowsShown = 50;
constexpr std::size_t kCasesShown = 3;
constexpr std::size_t kLinesShown = 20;

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "✅";
    case Verdict::kFail:
      return "❌";
    case Verdict::kInvalid:
    case Verdict::kInconclusive:
      return "⚠️";
  }
  return "";
}

template <class T>
std::size_t shown(const std::vector<T>& items, std::size_t most) {
  return std::min(items.size(), most);
}

std::string rest_line(std::size_t all, std::size_t most) {
  return all <= most ? "" : fmt::format("\n{} more are in record.json.\n", all - most);
}

std::string verdict_part(const RunRecord& record) {
  std::string text = fmt::format("### {} squall: {} {}\n\n**{}** (exit {})\n",
                                 nothing_required(record) ? "ℹ️" : sign_of(record.verdict),
                                 markdown_code(record.plan_name), to_lower(headline_word(record)),
                                 headline_text(record), static_cast<int>(record.exit_code));
  text += record.reasons.empty() ? "" : "\n";
  for (std::size_t i = 0; i < shown(record.reasons, kLinesShown); ++i) {
    text += fmt::format("- {}\n", markdown_text(record.reasons[i], 500));
  }
  return text + rest_line(record.reasons.size(), kLinesShown);
}

std::string checks_part(const RunRecord& record) {
  if (record.checks.empty()) {
    return {};
  }
  std::string text = "\n| | check | value | |\n|---|---|--:|---|\n";
  for (std::size_t i = 0; i < shown(record.checks, kRowsShown); ++i) {
    const model::CheckResult& check = record.checks[i];
    text += fmt::format("| {} {} | {} | {} | {} |\n", sign_of(check.verdict),
                        model::to_string(check.verdict), markdown_code(check.source),
                        markdown_text(check.value_text), markdown_text(check.note));
  }
  return text + rest_line(record.checks.size(), kRowsShown);
}

std::string comparison_part(const RunRecord& record) {
  return record.comparison == nullptr ? "" : markdown_comparison(*record.comparison, kRowsShown);
}

std::string finding_text(const RunRecord& record, const model::Finding& finding,
                         const std::string& directory) {
  std::string text =
      fmt::format("\n{} **{}**{}\n\n", sign_of(finding.verdict), markdown_text(finding.summary),
                  finding.required || finding.verdict == Verdict::kPass
                      ? ""
                      : " (a warning: the plan does not require it)");
  const std::vector<std::string> evidence = evidence_without_details(record, finding);
  if (!evidence.empty()) {
    std::string lines;
    for (std::size_t i = 0; i < shown(evidence, kLinesShown); ++i) {
      lines += (i == 0 ? "" : "\n") + evidence[i];
    }
    text += markdown_block(lines, "text");
  }
  const bool bad = finding.verdict == Verdict::kFail;
  for (std::size_t i = 0; bad && i < shown(finding.remedies, kLinesShown); ++i) {
    text +=
        fmt::format("{}- {}\n", i == 0 ? "\nRemedies:\n" : "", markdown_text(finding.remedies[i]));
  }
  if (!finding.reproducer.empty()) {
    text += "\nReproduce:\n" + markdown_block(with_directory(finding.reproducer, directory), "sh");
  }
  return text;
}

std::string findings_part(const RunRecord& record, const std::string& directory) {
  std::string text;
  std::size_t told = 0;
  for (const model::Finding& finding : record.findings) {
    if (property_of(record.idempotency.get(), finding) == nullptr && told++ < kLinesShown) {
      text += finding_text(record, finding, directory);
    }
  }
  return text;
}

// Who counted, and where they differ: only when that says more than the table.
std::string oracles_part(const model::EffectReport& effects) {
  std::string text;
  for (const model::OracleReport& oracle : effects.oracles) {
    if (!oracle.problem.empty()) {
      text += fmt::format("- oracle {} could not answer: {}\n", markdown_code(oracle.name),
                          markdown_text(oracle.problem, 500));
    }
  }
  for (std::size_t i = 0; i < shown(effects.disagreements, kLinesShown); ++i) {
    text += fmt::format("- disagree: {}\n", markdown_text(effects.disagreements[i], 300));
  }
  if (const std::size_t told = shown(effects.disagreements, kLinesShown);
      effects.disagreement_count > told) {
    text += fmt::format("- disagree: {} more\n", effects.disagreement_count - told);
  }
  return text.empty() ? text : "\n" + text;
}

std::string effects_part(const RunRecord& record) {
  if (!record.effects.counted) {
    return {};
  }
  std::string text =
      "\n| effects of | operations | acked | effects | ok | duplicate | lost | phantom | undecided "
      "|\n"
      "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (std::size_t i = 0; i < shown(record.effects.steps, kRowsShown); ++i) {
    const model::EffectCounts& counts = record.effects.steps[i];
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", markdown_code(counts.step),
                    counts.operations, count_of(counts, model::OperationOutcome::kAcked),
                    counts.effects, count_of(counts, model::EffectVerdict::kOk),
                    count_of(counts, model::EffectVerdict::kDuplicate),
                    count_of(counts, model::EffectVerdict::kLost),
                    count_of(counts, model::EffectVerdict::kPhantom),
                    count_of(counts, model::EffectVerdict::kUndecided));
  }
  return text + rest_line(record.effects.steps.size(), kRowsShown) + oracles_part(record.effects);
}

std::string cases_part(const RunRecord& record) {
  const auto& cases = record.effects.cases;
  if (cases.empty()) {
    return {};
  }
  std::string text = "\n<details><summary>First cases</summary>\n\n";
  for (std::size_t i = 0; i < shown(cases, kCasesShown); ++i) {
    const model::EffectCase& wrong = cases[i];
    const std::uint16_t step = wrong.operation.step;
    text += fmt::format("{}: operation {} of {}, {}, {}\n\n", model::to_string(wrong.verdict),
                        wrong.operation.arrival,
                        step < record.steps.size() ? markdown_code(record.steps[step].name) : "?",
                        model::to_string(wrong.operation.outcome), effects_text(wrong));
    std::string lines;
    for (std::size_t j = 0; j < shown(wrong.timeline, kLinesShown); ++j) {
      lines += (j == 0 ? "" : "\n") + model::timeline_line(record, wrong.timeline[j]);
    }
    text += markdown_block(lines, "text") + markdown_block(wrong.curl.substr(0, kLongText), "sh") +
            "\n";
  }
  return text + rest_line(cases.size(), kCasesShown) + "</details>\n";
}

std::string step_line(const StepRow& row, const std::string& name) {
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name,
                     model::to_string(row.exposure), row.counts.total(),
                     row.offered > 0 ? format_rate(Rate{row.offered}) : "",
                     share_text(row.errors, row.counts.total()), percentile_text(row.response, 50),
                     percentile_text(row.response, 90), percentile_text(row.response, 99),
                     percentile_text(row.response, 99.9), max_text(row.response));
}

std::string steps_part(const RunRecord& record) {
  const std::vector<StepRow> rows = step_rows(record);
  if (rows.empty()) {
    return is_without_load(record) ? "" : "\nNo operation was measured.\n";
  }
  std::string text =
      "\n| response from the planned send time | | operations | offered | errors | p50 | p90 | p99 "
      "| "
      "p99.9 | max |\n"
      "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (std::size_t i = 0; i < shown(rows, kRowsShown); ++i) {
    text += step_line(rows[i], markdown_code(rows[i].step));
    if (const auto acked = acked_row(record, rows[i])) {
      text += step_line(*acked, "acked alone");
    }
  }
  return text + rest_line(rows.size(), kRowsShown);
}

std::string phases_part(const RunRecord& record) {
  const std::vector<PhaseRow> rows = phase_rows(record);
  if (rows.empty()) {
    return {};
  }
  std::string text = fmt::format(
      "\n{}\n\n| before, during, after | baseline | errors | p99 | fault | errors | p99 | recovery "
      "| "
      "errors | p99 | as before |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
      markdown_text(phases_line(record), 500));
  for (std::size_t i = 0; i < shown(rows, kRowsShown); ++i) {
    text += fmt::format("| {} |", markdown_code(rows[i].step));
    for (const PhaseCell& phase : rows[i].phases) {
      text += fmt::format(" {} | {} | {} |", phase.operations, phase.errors, phase.p99);
    }
    text += fmt::format(" {} |\n", rows[i].recovered);
  }
  return text + rest_line(rows.size(), kRowsShown);
}

std::string failures_part(const RunRecord& record) {
  const std::vector<model::RecordedEnding> failed = failed_endings(record);
  std::string text;
  if (const std::string statuses = statuses_text(record); !statuses.empty()) {
    text = fmt::format("\nAnswers by status, warm-up included: {}\n", statuses);
  }
  if (failed.empty()) {
    return text;
  }
  text += "\n| failed attempts | class | status | attempts | the first |\n|---|---|--:|--:|---|\n";
  for (std::size_t i = 0; i < shown(failed, kRowsShown); ++i) {
    const model::RecordedEnding& ending = failed[i];
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_code(ending.step),
                        model::to_string(ending.how),
                        ending.status == 0 ? "-" : std::to_string(ending.status), ending.attempts,
                        ending.examples.empty() ? "" : markdown_code(ending.examples[0].detail));
  }
  return text + rest_line(failed.size(), kRowsShown);
}

std::string unmet_part(const RunRecord& record) {
  const std::vector<model::UnmetDemand> all = most_unmet(record);
  if (all.empty()) {
    return {};
  }
  std::string text = "\n| what answers did not keep | attempts | demand |\n|---|--:|---|\n";
  for (std::size_t i = 0; i < shown(all, kRowsShown); ++i) {
    text += fmt::format("| {} | {} | {} |\n", markdown_code(all[i].step), all[i].attempts,
                        markdown_code(all[i].text));
  }
  return text + rest_line(record.unmet.size(), std::min(all.size(), kRowsShown));
}

std::string skew_part(const RunRecord& record) {
  if (!record.skew.was_asked_for()) {
    return {};
  }
  std::string text = "\nTimes of requests:\n\n";
  for (const std::string& line : skew_lines(record.skew)) {
    text += fmt::format("- {}\n", markdown_text(line, 500));
  }
  return text;
}

std::string capacity_part(const RunRecord& record) {
  if (record.capacity.stages.empty()) {
    return {};
  }
  std::string text =
      fmt::format("\nCapacity: {}\n\n", markdown_text(capacity_sentence(record.capacity), 500)) +
      "| rate | started | completed | errors | p50 | p99 | verdict |\n"
      "|--:|--:|--:|--:|--:|--:|---|\n";
  const std::vector<model::CapacityStage> curve = curve_of(record.capacity);
  for (std::size_t i = 0; i < shown(curve, kRowsShown); ++i) {
    const model::CapacityStage& stage = curve[i];
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", format_rate(stage.rate),
                    format_rate(Rate{stage.started_per_s}),
                    format_rate(Rate{stage.completed_per_s}), format_share(Share{stage.error_rate}),
                    format_duration(stage.p50), format_duration(stage.p99), stage_word(stage));
  }
  return text + rest_line(curve.size(), kRowsShown);
}

std::string faults_part(const RunRecord& record) {
  if (record.faults.empty()) {
    return {};
  }
  std::string text = "\n| fault | kind | eligible | planned | fired |\n|---|---|--:|--:|--:|\n";
  for (std::size_t i = 0; i < shown(record.faults, kRowsShown); ++i) {
    const model::RecordedFault& fault = record.faults[i];
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_code(fault.name),
                        markdown_code(fault.kind), fault.counts.eligible, fault.counts.planned,
                        fault.counts.fired);
  }
  return text + rest_line(record.faults.size(), kRowsShown);
}

std::string instrument_part(const RunRecord& record) {
  std::string text = "\n<details><summary>The run and the instrument</summary>\n\n";
  if (!is_without_load(record)) {
    text += "- " + markdown_text(load_line(record), 500) + "\n";
  }
  if (const std::string line = throughput_line(record); !line.empty()) {
    text += "- " + markdown_text(line, 500) + "\n";
  }
  for (const std::string& line : model_lines(record)) {
    text += "- " + markdown_text(line, 500) + "\n";
  }
  for (const std::string& line :
       is_without_load(record) ? std::vector<std::string>() : self_watch_lines(record)) {
    text += "- " + markdown_text(line) + "\n";
  }
  for (std::size_t i = 0; i < shown(record.breaches, kLinesShown); ++i) {
    text += fmt::format("- breach from {:.0f}s on: {}\n", record.breaches[i].from_second,
                        markdown_text(record.breaches[i].reason));
  }
  text +=
      fmt::format("- seed {}, run id {}\n\nRepeat:\n", record.seed, markdown_code(record.run_id));
  return text + markdown_block(record.command, "sh") + "\n</details>\n";
}

std::string render(const RunRecord& record, const model::FormatOptions& options) {
  std::string text = verdict_part(record);
  bool complete = true;
  for (const std::string& part :
       {comparison_part(record), checks_part(record),
        markdown_idempotency(record, options.directory, kLinesShown),
        findings_part(record, options.directory), effects_part(record), capacity_part(record),
        skew_part(record), steps_part(record), phases_part(record), failures_part(record),
        unmet_part(record), faults_part(record), markdown_timeline(record, kRowsShown),
        cases_part(record), instrument_part(record)}) {
    if (text.size() + part.size() <= kMaxBytes) {
      text += part;
    } else {
      complete = false;
    }
  }
  return complete
             ? text
             : text + "\nParts that are too long for a comment are left out; see record.json.\n";
}

}  // namespace

void register_format_markdown(model::FormatRegistry& registry);
void register_format_markdown(model::FormatRegistry& registry) {
  registry.add({.name = "markdown",
                .summary = "a summary for a comment on a pull request",
                .file_name = "summary.md",
                .render = render});
}

}  // namespace squall::reports
