// Verdict, checks and findings: what people read first.
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/time_text.hpp"
#include "loadgen/base/units.hpp"
#include "loadgen/model/recovery.hpp"
#include "loadgen/model/selection.hpp"
#include "reports/formats/common/capacity_text.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/headline.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;
using Kind = HtmlTable::Kind;

struct Tile {
  std::string_view id;
  std::string_view what;
  std::string value;
  bool bad = false;
};

void add_load_tiles(std::vector<Tile>& tiles, const RunRecord& record) {
  const model::OperationCounts counts = model::count_operations(record, {});
  if (counts.total() == 0) {
    return;
  }
  const auto acked = counts.outcomes[static_cast<std::size_t>(model::OperationOutcome::kAcked)];
  const std::uint64_t errors = counts.total() - acked;
  const stats::Histogram response = model::response_of_operations(record, {});
  const double seconds = to_seconds(record.measured_duration);
  tiles.push_back({"operations", "operations measured", std::to_string(counts.total())});
  if (seconds > 0) {
    tiles.push_back(
        {"acked-rate", "acknowledged", format_rate(Rate{static_cast<double>(acked) / seconds})});
  }
  tiles.push_back({"errors", "errors", share_text(errors, counts.total())});
  tiles.push_back({"p50", "response p50", percentile_text(response, 50)});
  tiles.push_back({"p99", "response p99", percentile_text(response, 99)});
}

void add_effect_tiles(std::vector<Tile>& tiles, const RunRecord& record) {
  std::uint64_t duplicate = 0;
  std::uint64_t lost = 0;
  for (const model::EffectCounts& counts : record.effects.steps) {
    duplicate += count_of(counts, model::EffectVerdict::kDuplicate);
    lost += count_of(counts, model::EffectVerdict::kLost);
  }
  if (record.effects.counted) {
    tiles.push_back({"duplicate", "done more than once", std::to_string(duplicate), duplicate > 0});
    tiles.push_back({"lost", "acknowledged but lost", std::to_string(lost), lost > 0});
  }
}

void add_fault_tiles(std::vector<Tile>& tiles, const RunRecord& record) {
  std::uint64_t fired = 0;
  for (const model::RecordedFault& fault : record.faults) {
    fired += fault.counts.fired;
  }
  if (!record.faults.empty()) {
    tiles.push_back({"fired", "client faults fired", std::to_string(fired)});
  }
  const model::Recovery recovery = model::recovery_of(record);
  if (recovery.state == model::RecoveryState::kRecovered) {
    tiles.push_back(
        {"recovery", "after the fault as before",
         recovery.time == Duration::zero() ? "at once" : format_duration(recovery.time)});
  } else if (recovery.state == model::RecoveryState::kNever) {
    tiles.push_back({"recovery", "after the fault as before", "never", true});
  }
}

std::string tiles_html(const RunRecord& record) {
  std::vector<Tile> tiles;
  if (!record.capacity.stages.empty()) {
    const bool found = record.capacity.rate.per_second > 0;
    tiles.push_back(
        {"capacity", "capacity", found ? format_rate(record.capacity.rate) : "none found", !found});
  }
  add_load_tiles(tiles, record);
  add_effect_tiles(tiles, record);
  add_fault_tiles(tiles, record);
  std::string text;
  for (const Tile& tile : tiles) {
    text += fmt::format("<div class=\"tile{}\"><b id=\"tile-{}\">{}</b><span>{}</span></div>\n",
                        tile.bad ? " bad" : "", tile.id, html_text(tile.value), tile.what);
  }
  return text.empty() ? text : "<div class=\"tiles\">\n" + text + "</div>\n";
}

Tint banner_tint(const RunRecord& record) {
  return nothing_required(record) ? Tint::kNote : tint_of(record.verdict);
}

std::string finding_body(const RunRecord& record, const model::Finding& finding,
                         const std::string& directory) {
  std::string text = lines_block(evidence_without_details(record, finding));
  if (finding.verdict != model::Verdict::kPass && !finding.remedies.empty()) {
    text += "<h3>How it is usually mended</h3>\n" + list(finding.remedies);
  }
  if (!finding.reproducer.empty()) {
    text +=
        "<h3>See it again</h3>\n" + command_block(with_directory(finding.reproducer, directory));
  }
  return text;
}

}  // namespace

std::string verdict_banner(const RunRecord& record) {
  const std::string_view tint = class_of(banner_tint(record));
  std::string started;
  append_iso8601(record.started, started);
  std::string text;
  if (!record.complete) {
    text +=
        "<p class=\"alert\" role=\"alert\">! This run was killed before its end: the report is "
        "made from its journal, and what came after the last second written is missing.</p>\n";
  } else if (record.interrupted) {
    text += "<p class=\"alert\" role=\"alert\">! This run was stopped before its end.</p>\n";
  }
  text += fmt::format(
      "<div class=\"verdict {0}\" id=\"verdict\">\n<div class=\"head\"><span class=\"stamp "
      "{0}\">{1}"
      "</span><div><h1>{2}</h1><span class=\"soft\">{3} · exit {4} · started {5}</span></div></div>"
      "\n",
      tint, headline_word(record), html_text(record.plan_name), html_text(headline_text(record)),
      static_cast<int>(record.exit_code), started);
  if (!record.reasons.empty()) {
    text += "<div class=\"reasons\">" + list(record.reasons) + "</div>\n";
  }
  if (!record.capacity.stages.empty()) {
    text += paragraph(capacity_sentence(record.capacity));
  }
  return text + tiles_html(record) + "</div>\n";
}

std::string checks_html(const RunRecord& record) {
  HtmlTable table("checks", {{"verdict", Kind::kWord},
                             {"value", Kind::kNumber},
                             {"check", Kind::kText},
                             {"samples", Kind::kNumber},
                             {"note", Kind::kText}});
  for (const model::CheckResult& check : record.checks) {
    table.add({{sign(check.verdict)},
               {html_text(check.value_text), check.value, check.verdict == model::Verdict::kFail},
               code_cell(check.source),
               cell(check.samples),
               cell(check.note)});
  }
  return table.html();
}

std::string findings_html(const RunRecord& record, const model::FormatOptions& options) {
  std::string text;
  std::size_t told = 0;
  for (const model::Finding& finding : record.findings) {
    if (property_of(record.idempotency.get(), finding) != nullptr || told++ >= kMostRows) {
      continue;  // those of properties stand with them
    }
    const bool is_warning = !finding.required && finding.verdict != model::Verdict::kPass;
    const std::string summary = fmt::format(
        "{} <strong>{}</strong> {}{}", sign(finding.verdict), html_text(finding.id),
        html_text(finding.summary), is_warning ? " (a warning: the plan does not require it)" : "");
    const std::string body = finding_body(record, finding, options.directory);
    text += body.empty() ? "<p>" + summary + "</p>\n"
                         : details(summary, body, finding.verdict == model::Verdict::kFail);
  }
  return text;
}

}  // namespace squall::reports
