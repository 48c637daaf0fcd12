#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/timeline.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/headline.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::reports {
namespace {

constexpr std::size_t kSentence = 900;  // bytes of a reason or note
constexpr std::size_t kCasesShown = 2;  // of each verdict
constexpr std::size_t kRoomForOutcomes =
    100;  // columns from which rejected and unknown operations have their own
constexpr std::size_t kEvidenceShown = 12;

std::string heading(const TerminalContext& context, std::string_view text) {
  return "\n" + context.style.paint(Tone::kStrong, text) + "\n";
}

std::string bullet(const TerminalContext& context, std::string_view text) {
  return wrapped("  - ", printable(text, kSentence), context.options.width);
}

Tone tone_of_verdict(model::EffectVerdict verdict) {
  switch (verdict) {
    case model::EffectVerdict::kOk:
      return Tone::kGood;
    case model::EffectVerdict::kUndecided:
      return Tone::kWarn;
    case model::EffectVerdict::kLost:
    case model::EffectVerdict::kDuplicate:
    case model::EffectVerdict::kPhantom:
      return Tone::kBad;
  }
  return Tone::kPlain;
}

std::string mark(const TerminalContext& context, model::Verdict verdict) {
  const std::string word = fmt::format("{:<12}", model::to_string(verdict));
  return context.style.paint(tone_of(verdict), word);
}

std::vector<TextTable::Cell> effect_cells(const model::EffectCounts& counts, bool wide) {
  using model::EffectVerdict;
  using model::OperationOutcome;
  std::vector<TextTable::Cell> cells = {
      {printable(counts.step)},
      {std::to_string(counts.operations)},
      {std::to_string(count_of(counts, OperationOutcome::kAcked))}};
  if (wide) {
    cells.push_back({std::to_string(count_of(counts, OperationOutcome::kRejected))});
    cells.push_back({std::to_string(count_of(counts, OperationOutcome::kUnknown) +
                                    count_of(counts, OperationOutcome::kNotSent))});
  }
  cells.push_back({std::to_string(counts.effects)});
  for (const EffectVerdict verdict :
       {EffectVerdict::kOk, EffectVerdict::kDuplicate, EffectVerdict::kLost,
        EffectVerdict::kPhantom, EffectVerdict::kUndecided}) {
    const std::uint64_t count = count_of(counts, verdict);
    cells.push_back({std::to_string(count), count > 0 ? tone_of_verdict(verdict) : Tone::kPlain});
  }
  return cells;
}

std::string case_text(const TerminalContext& context, const model::EffectCase& wrong) {
  const model::RunRecord& record = context.record;
  const model::EffectOperation& operation = wrong.operation;
  const std::string step =
      operation.step < record.steps.size() ? printable(record.steps[operation.step].name) : "?";
  std::string text = fmt::format(
      "  {} {} operation {}: {}, {}\n",
      context.style.paint(tone_of_verdict(wrong.verdict), model::to_string(wrong.verdict)), step,
      operation.arrival, model::to_string(operation.outcome), effects_text(wrong));
  text += fmt::format("    key {}\n", printable(operation.key));
  for (const model::EffectAttempt& attempt : wrong.timeline) {
    text += wrapped("    ", model::timeline_line(record, attempt), context.options.width);
  }
  return text;
}

// Not wrapped: people copy it.
std::string curl_text(const model::EffectCase& wrong) {
  std::string text;
  for (const std::string_view line : split(wrong.curl, '\n')) {
    text += line.empty() ? "" : "      " + printable(line, kLongText) + "\n";
  }
  return text;
}

}  // namespace

std::string verdict_section(const TerminalContext& context) {
  const model::RunRecord& record = context.record;
  const std::string word = headline_word(record);
  std::string started;
  append_iso8601(record.started, started);
  std::string text =
      fmt::format("{}  {}: {} (exit {})\n", context.style.paint(tone_of(record.verdict), word),
                  context.style.paint(Tone::kStrong, printable(record.plan_name)),
                  headline_text(record), static_cast<int>(record.exit_code));
  for (const std::string& reason : record.reasons) {
    text += bullet(context, reason);
  }
  text += heading(context, "Run");
  text += is_without_load(record) ? "" : wrapped("  ", load_line(record), context.options.width);
  for (const std::string& line : model_lines(record)) {
    text += wrapped("  ", line, context.options.width);
  }
  if (const std::string line = throughput_line(record); !line.empty()) {
    text += wrapped("  ", line, context.options.width);
  }
  text += wrapped("  ",
                  fmt::format("started {}, seed {}, run id {}, squall {}", started, record.seed,
                              printable(record.run_id), printable(record.squall_version)),
                  context.options.width);
  return text;
}

std::string checks_section(const TerminalContext& context) {
  if (context.record.checks.empty()) {
    return {};
  }
  std::string text = heading(context, "Checks");
  for (const model::CheckResult& check : context.record.checks) {
    const std::string line =
        fmt::format("{}: {}", printable(check.source), printable(check.value_text));
    // Painted after wrapping: colour codes take no columns.
    const std::string body = wrapped(std::string(15, ' '), line, context.options.width);
    text += "  " + mark(context, check.verdict) + " " + body.substr(15);
    if (!check.note.empty()) {
      text +=
          wrapped(std::string(15, ' '), printable(check.note, kSentence), context.options.width);
    }
  }
  return text;
}

std::string findings_section(const TerminalContext& context) {
  std::string text;
  for (const model::Finding& finding : context.record.findings) {
    if (property_of(context.record.idempotency.get(), finding) != nullptr) {
      continue;  // in the table of properties
    }
    const std::string line =
        fmt::format("{}: {}{}", printable(finding.id), printable(finding.summary, kSentence),
                    finding.required || finding.verdict == model::Verdict::kPass
                        ? ""
                        : " (a warning: the plan does not require it)");
    const std::string body = wrapped(std::string(15, ' '), line, context.options.width);
    text += "  " + mark(context, finding.verdict) + " " + body.substr(15);
    const bool bad = finding.verdict != model::Verdict::kPass;
    const std::vector<std::string> lines = evidence_without_details(context.record, finding);
    for (std::size_t i = 0; i < std::min(lines.size(), kEvidenceShown); ++i) {
      const std::string& evidence = lines[i];
      const std::size_t indent = std::min(evidence.find_first_not_of(' '), std::size_t{8});
      text += wrapped(std::string(4 + indent, ' '), printable(trim(evidence), kSentence),
                      context.options.width);
    }
    for (const std::string& remedy : bad ? finding.remedies : std::vector<std::string>{}) {
      text += wrapped("    remedy: ", printable(remedy, kSentence), context.options.width);
    }
    if (!finding.reproducer.empty()) {
      text += "    reproduce: " +
              printable(with_directory(finding.reproducer, context.options.directory), kLongText) +
              "\n";
    }
  }
  return text.empty() ? text : heading(context, "Findings") + text;
}

std::string effects_section(const TerminalContext& context) {
  const model::EffectReport& effects = context.record.effects;
  if (!effects.counted) {
    return {};
  }
  const bool wide = context.options.width >= kRoomForOutcomes;
  std::vector<TextTable::Column> columns = {
      {"step", TextTable::Align::kLeft}, {"asked"}, {"acked"}};
  if (wide) {
    columns.push_back({"rejected"});
    columns.push_back({"unknown"});
  }
  for (const char* title : {"effects", "ok", "duplicate", "lost", "phantom", "undecided"}) {
    columns.push_back({title});
  }
  TextTable table(std::move(columns));
  for (const model::EffectCounts& counts : effects.steps) {
    table.add(effect_cells(counts, wide));
  }
  std::string text =
      heading(context, "Effects") + table.render(context.options.width, context.style);
  for (const model::OracleReport& oracle : effects.oracles) {
    const std::string line =
        oracle.problem.empty()
            ? fmt::format("oracle {} ({}): {} before, {} after, {} after {}; {}",
                          printable(oracle.name), printable(oracle.kind), oracle.baseline,
                          oracle.settled, oracle.stable ? "stable" : "NOT stable",
                          format_duration(oracle.settle_time),
                          oracle.total_only ? std::string("only how many, not whose")
                                            : fmt::format("{} unattributed", oracle.unattributed))
            : fmt::format("oracle {} ({}) could not answer: {}", printable(oracle.name),
                          printable(oracle.kind), printable(oracle.problem, kSentence));
    text += wrapped("  ", line, context.options.width);
  }
  for (const std::string& disagreement : effects.disagreements) {
    text += wrapped("  disagree: ", printable(disagreement), context.options.width);
  }
  if (effects.disagreement_count > effects.disagreements.size()) {
    text += fmt::format("  disagree: {} more\n",
                        effects.disagreement_count - effects.disagreements.size());
  }
  return text;
}

std::string cases_section(const TerminalContext& context) {
  const auto& cases = context.record.effects.cases;
  if (cases.empty()) {
    return {};
  }
  std::string text = heading(context, "First cases");
  std::array<std::size_t, model::kEffectVerdictCount> shown{};
  std::size_t left_out = 0;
  for (const model::EffectCase& wrong : cases) {
    std::size_t& of_verdict = shown[static_cast<std::size_t>(wrong.verdict)];
    if (of_verdict >= kCasesShown) {
      ++left_out;
      continue;
    }
    text += case_text(context, wrong) + (of_verdict == 0 ? curl_text(wrong) : "");
    ++of_verdict;
  }
  if (left_out > 0) {
    text += fmt::format("  {} more are in record.json\n", left_out);
  }
  return text;
}

}  // namespace squall::reports
