// Effects: how many there were of what was asked for, and the first cases of what is wrong.
#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/timeline.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/html/attempt_axis.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using model::EffectVerdict;
using model::OperationOutcome;
using model::RunRecord;
using Kind = HtmlTable::Kind;

HtmlTable::Cell wrong_cell(std::uint64_t count) {
  return {std::to_string(count), {}, count > 0};
}

std::string counts_table(const model::EffectReport& effects) {
  HtmlTable table("effects-table", {{"step", Kind::kWord},
                                    {"asked"},
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
    table.add({code_cell(counts.step), cell(counts.operations),
               cell(count_of(counts, OperationOutcome::kAcked)),
               cell(count_of(counts, OperationOutcome::kRejected)),
               cell(count_of(counts, OperationOutcome::kUnknown) +
                    count_of(counts, OperationOutcome::kNotSent)),
               cell(counts.effects), cell(count_of(counts, EffectVerdict::kOk)),
               wrong_cell(count_of(counts, EffectVerdict::kDuplicate)),
               wrong_cell(count_of(counts, EffectVerdict::kLost)),
               wrong_cell(count_of(counts, EffectVerdict::kPhantom)),
               wrong_cell(count_of(counts, EffectVerdict::kUndecided))});
  }
  return table.html();
}

std::string oracles(const model::EffectReport& effects) {
  std::vector<std::string> lines;
  for (const model::OracleReport& oracle : effects.oracles) {
    lines.push_back(oracle.problem.empty()
                        ? fmt::format("oracle {} ({}): {} before, {} after, {} after {}; {}",
                                      oracle.name, oracle.kind, oracle.baseline, oracle.settled,
                                      oracle.stable ? "stable" : "NOT stable",
                                      format_duration(oracle.settle_time),
                                      oracle.total_only
                                          ? std::string("only how many, not whose")
                                          : fmt::format("{} unattributed", oracle.unattributed))
                        : fmt::format("oracle {} ({}) could not answer: {}", oracle.name,
                                      oracle.kind, oracle.problem));
  }
  for (const std::string& disagreement : effects.disagreements) {
    lines.push_back("disagree: " + disagreement);
  }
  if (effects.disagreement_count > effects.disagreements.size()) {
    lines.push_back(fmt::format("disagree: {} more",
                                effects.disagreement_count - effects.disagreements.size()));
  }
  return list(lines);
}

std::string origins(const RunRecord& record) {
  HtmlTable table("origins", {{"step", Kind::kWord},
                              {"verdict", Kind::kWord},
                              {"operations"},
                              {"touched by", Kind::kText},
                              {"retried", Kind::kWord}});
  for (const model::EffectOrigin& origin : record.effects.origins) {
    table.add({code_cell(origin.step), cell(model::to_string(origin.verdict)),
               cell(origin.operations), cell(model::fault_list(record, origin.faults)),
               cell(origin.retried ? "yes" : "no")});
  }
  return table.empty() ? "" : "<h3>How they came about</h3>\n" + table.html();
}

std::string case_html(const RunRecord& record, const model::EffectCase& wrong, bool open) {
  const model::EffectOperation& operation = wrong.operation;
  const std::string step =
      operation.step < record.steps.size() ? record.steps[operation.step].name : "?";
  std::vector<std::string> lines;
  for (const model::EffectAttempt& attempt : wrong.timeline) {
    lines.push_back(model::timeline_line(record, attempt));
  }
  const std::string summary = fmt::format(
      "{} {} operation {}: {}, {}",
      sign(wrong.verdict == EffectVerdict::kUndecided ? Tint::kDoubt : Tint::kFail,
           model::to_string(wrong.verdict)),
      code(step), operation.arrival, model::to_string(operation.outcome), effects_text(wrong));
  std::string body = "<p class=\"soft\">key " + code(operation.key) + "</p>\n" +
                     attempt_axis(wrong) + lines_block(lines);
  if (!wrong.curl.empty()) {
    body += "<h3>By hand</h3>\n" + command_block(wrong.curl);
  }
  return details(summary, body, open);
}

}  // namespace

std::string effects_html(const RunRecord& record) {
  constexpr std::size_t kMostCases = 40;
  const model::EffectReport& effects = record.effects;
  if (!effects.counted) {
    return {};
  }
  std::string text = counts_table(effects) + oracles(effects) + origins(record);
  if (!effects.cases.empty()) {
    text +=
        "<h3>First cases</h3>\n<p class=\"soft\">Grey: waiting from the planned send time. Green: "
        "answered with success, orange: cut by squall, red: failed otherwise.</p>\n";
  }
  for (std::size_t i = 0; i < effects.cases.size() && i < kMostCases; ++i) {
    text += case_html(record, effects.cases[i], i == 0);
  }
  if (effects.cases.size() > kMostCases) {
    text +=
        paragraph(fmt::format("{} more are in record.json.", effects.cases.size() - kMostCases));
  }
  return text;
}

}  // namespace squall::reports
