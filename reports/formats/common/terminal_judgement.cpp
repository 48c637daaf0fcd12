#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/base/time_text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/timeline.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::reports {
namespace {

constexpr std::size_t kSentence = 400;  // bytes of a reason or note
constexpr std::size_t kCasesShown = 5;
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

std::string case_text(const TerminalContext& context, const model::EffectCase& wrong) {
  const model::RunRecord& record = context.record;
  const model::EffectOperation& operation = wrong.operation;
  const std::string step =
      operation.step < record.steps.size() ? printable(record.steps[operation.step].name) : "?";
  std::string text = fmt::format(
      "  {} {} operation {}: {}, {} {}\n",
      context.style.paint(tone_of_verdict(wrong.verdict), model::to_string(wrong.verdict)), step,
      operation.arrival, model::to_string(operation.outcome), wrong.effects,
      wrong.effects == 1 ? "effect" : "effects");
  text += fmt::format("    key {}\n", printable(operation.key));
  for (const model::EffectAttempt& attempt : wrong.timeline) {
    text += wrapped("    ", model::timeline_line(record, attempt), context.options.width);
  }
  return text;
}

}  // namespace

std::string verdict_section(const TerminalContext& context) {
  const model::RunRecord& record = context.record;
  const std::string word = verdict_word(record.verdict);
  std::string started;
  append_iso8601(record.started, started);
  std::string text =
      fmt::format("{}  {}: {} (exit {})\n", context.style.paint(tone_of(record.verdict), word),
                  context.style.paint(Tone::kStrong, printable(record.plan_name)),
                  model::meaning(record.exit_code), static_cast<int>(record.exit_code));
  for (const std::string& reason : record.reasons) {
    text += bullet(context, reason);
  }
  text += heading(context, "Run");
  text += wrapped("  ", load_line(record), context.options.width);
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
    const std::string line =
        fmt::format("{}: {}{}", printable(finding.id), printable(finding.summary, kSentence),
                    finding.required || finding.verdict == model::Verdict::kPass
                        ? ""
                        : " (a warning: the plan does not require it)");
    const std::string body = wrapped(std::string(15, ' '), line, context.options.width);
    text += "  " + mark(context, finding.verdict) + " " + body.substr(15);
    const bool bad = finding.verdict != model::Verdict::kPass;
    for (std::size_t i = 0; i < std::min(finding.evidence.size(), kEvidenceShown); ++i) {
      const std::string& evidence = finding.evidence[i];
      const std::size_t indent = std::min(evidence.find_first_not_of(' '), std::size_t{8});
      text += wrapped(std::string(4 + indent, ' '), printable(trim(evidence), kSentence),
                      context.options.width);
    }
    for (const std::string& remedy : bad ? finding.remedies : std::vector<std::string>{}) {
      text += wrapped("    remedy: ", printable(remedy, kSentence), context.options.width);
    }
    if (!finding.reproducer.empty()) {
      text += "    reproduce: " +
              printable(with_directory(finding.reproducer, context.options.directory), kSentence) +
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
  using Align = TextTable::Align;
  TextTable table({{"step", Align::kLeft},
                   {"operations"},
                   {"acked"},
                   {"rejected"},
                   {"unknown"},
                   {"effects"},
                   {"ok"},
                   {"duplicate"},
                   {"lost"},
                   {"phantom"},
                   {"undecided"}});
  for (const model::EffectCounts& counts : effects.steps) {
    const auto outcome = [&](model::OperationOutcome which) {
      return TextTable::Cell{std::to_string(count_of(counts, which))};
    };
    const auto verdict = [&](model::EffectVerdict which) {
      const std::uint64_t count = count_of(counts, which);
      return TextTable::Cell{std::to_string(count),
                             count > 0 ? tone_of_verdict(which) : Tone::kPlain};
    };
    table.add({{printable(counts.step)},
               {std::to_string(counts.operations)},
               outcome(model::OperationOutcome::kAcked),
               outcome(model::OperationOutcome::kRejected),
               {std::to_string(count_of(counts, model::OperationOutcome::kUnknown) +
                               count_of(counts, model::OperationOutcome::kNotSent))},
               {std::to_string(counts.effects)},
               verdict(model::EffectVerdict::kOk),
               verdict(model::EffectVerdict::kDuplicate),
               verdict(model::EffectVerdict::kLost),
               verdict(model::EffectVerdict::kPhantom),
               verdict(model::EffectVerdict::kUndecided)});
  }
  std::string text =
      heading(context, "Effects") + table.render(context.options.width, context.style);
  for (const model::OracleReport& oracle : effects.oracles) {
    const std::string line =
        oracle.problem.empty()
            ? fmt::format("oracle {} ({}): {} before, {} after, {} after {}; {} unattributed",
                          printable(oracle.name), printable(oracle.kind), oracle.baseline,
                          oracle.settled, oracle.stable ? "stable" : "NOT stable",
                          format_duration(oracle.settle_time), oracle.unattributed)
            : fmt::format("oracle {} ({}) could not answer: {}", printable(oracle.name),
                          printable(oracle.kind), printable(oracle.problem));
    text += wrapped("  ", line, context.options.width);
  }
  for (const std::string& disagreement : effects.disagreements) {
    text += wrapped("  disagree: ", printable(disagreement), context.options.width);
  }
  return text;
}

std::string cases_section(const TerminalContext& context) {
  const auto& cases = context.record.effects.cases;
  if (cases.empty()) {
    return {};
  }
  std::string text = heading(context, "First cases");
  for (std::size_t i = 0; i < std::min(cases.size(), kCasesShown); ++i) {
    text += case_text(context, cases[i]);
  }
  if (cases.size() > kCasesShown) {
    text += fmt::format("  {} more are in record.json\n", cases.size() - kCasesShown);
  }
  return text;
}

}  // namespace squall::reports
