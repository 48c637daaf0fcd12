// What was verified beside the load: properties of idempotency, histories, the skew of clocks.
#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/history_report.hpp"
#include "loadgen/model/idempotency_report.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/skew_text.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using model::PropertyVerdict;
using model::RunRecord;
using Kind = HtmlTable::Kind;

Tint tint_of(PropertyVerdict verdict) {
  switch (verdict) {
    case PropertyVerdict::kPass:
      return Tint::kPass;
    case PropertyVerdict::kWarn:
      return Tint::kDoubt;
    case PropertyVerdict::kFail:
      return Tint::kFail;
    case PropertyVerdict::kNotTested:
      return Tint::kNote;
  }
  return Tint::kNote;
}

std::string case_html(const model::PropertyCase& found) {
  std::string text =
      paragraph(found.problem) + "<p class=\"soft\">token " + code(found.token) + "</p>\n";
  HtmlTable table("", {{"at"}, {"took"}, {"what", Kind::kText}, {"answer", Kind::kText}});
  for (const model::PropertyRequest& request : found.requests) {
    std::string what = request.key.empty() ? "without a key" : "key " + request.key;
    what += request.caller.empty() ? "" : ", caller " + request.caller;
    what += request.what.empty() ? "" : ", " + request.what;
    const std::string how =
        request.status != 0 ? fmt::format("{} {}", request.status, request.how) : request.how;
    table.add({{format_duration(request.at), to_seconds(request.at)},
               {format_duration(request.took), to_seconds(request.took)},
               {html_text(what) + html_block(request.request)},
               {html_text(how) + (request.answer.empty() ? "" : html_block(request.answer))}});
  }
  for (const model::PropertyAct& act : found.acts) {
    text += paragraph(format_duration(act.at) + ": " + act.text);
  }
  return text + table.html();
}

std::string property_body(const model::PropertyResult& property, const std::string& directory) {
  std::string text = paragraph(property.promise);
  std::vector<std::string> evidence;
  for (const std::string& line : property.evidence) {
    if (line != property.summary) {
      evidence.push_back(line);
    }
  }
  text += lines_block(evidence);
  for (const model::PropertyCase& found : property.cases) {
    text += details("a case: " + html_text(found.problem), case_html(found));
  }
  if (!property.remedies.empty()) {
    text += "<h3>How it is usually mended</h3>\n" + list(property.remedies);
  }
  if (!property.reproducer.empty()) {
    text += "<h3>See it again</h3>\n" +
            command_block(with_directory(property.reproducer, directory)) +
            (hit_rate_text(property).empty() ? "" : paragraph(hit_rate_text(property)));
  }
  return text;
}

std::string properties_table(const model::IdempotencyReport& report) {
  HtmlTable table("properties", {{"#"},
                                 {"property", Kind::kWord},
                                 {"verdict", Kind::kWord},
                                 {"trials"},
                                 {"broken"},
                                 {"what came of it", Kind::kText}});
  for (const model::PropertyResult& property : report.properties) {
    const bool tested = property.verdict != PropertyVerdict::kNotTested;
    table.add({cell(property.number),
               cell(property.title),
               {sign(tint_of(property.verdict), model::to_string(property.verdict))},
               tested ? cell(property.trials) : cell("-"),
               tested ? HtmlTable::Cell{std::to_string(property.broken), {}, property.broken > 0}
                      : cell("-"),
               cell(property_sentence(property))});
  }
  return table.html();
}

std::string counts_of(const model::HistoryCheckReport& check) {
  std::string text;
  for (const model::HistoryCount& one : check.counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", one.name, one.count);
  }
  return text;
}

}  // namespace

std::string idempotency_html(const RunRecord& record, const model::FormatOptions& options) {
  if (record.idempotency == nullptr) {
    return {};
  }
  const model::IdempotencyReport& report = *record.idempotency;
  std::string text;
  if (const std::string counts = property_counts(report); !counts.empty()) {
    text += "<p><strong>" + html_text(counts) + "</strong></p>\n";
  }
  text += properties_table(report);
  for (const model::PropertyResult& property : report.properties) {
    if (is_broken(property)) {
      text += details(
          fmt::format("{} <strong>{} {}</strong> {}",
                      sign(tint_of(property.verdict), model::to_string(property.verdict)),
                      property.number, html_text(property.title), html_text(property.summary)),
          property_body(property, options.directory), property.verdict == PropertyVerdict::kFail);
    }
  }
  text += "<h3>What the verdicts rest on</h3>\n" + list(verification_lines(report));
  const std::string learned = learned_profile_text(report, options.directory);
  return learned.empty() ? text : text + paragraph(learned);
}

std::string history_html(const RunRecord& record) {
  if (record.history == nullptr) {
    return {};
  }
  const model::HistoryReport& history = *record.history;
  HtmlTable table("histories", {{"verdict", Kind::kWord},
                                {"history", Kind::kWord},
                                {"check", Kind::kWord},
                                {"operations"},
                                {"keys"},
                                {"violations"},
                                {"what came of it", Kind::kText}});
  std::string witnesses;
  for (const model::HistoryCheckReport& check : history.checks) {
    const std::string counts = counts_of(check);
    table.add({{sign(check.verdict)},
               code_cell(check.name),
               cell(check.check),
               cell(check.operations),
               cell(check.keys),
               {std::to_string(check.violations), {}, check.violations > 0},
               cell(check.summary + (counts.empty() ? "" : " (" + counts + ")"))});
    if (!check.witness.empty()) {
      witnesses +=
          details("operations that show it: " + code(check.name), lines_block(check.witness), true);
    }
  }
  return fmt::format(
             "<p class=\"soft\">Attempts: {} ok, {} fail, {} info; of {} successes what they saw "
             "could not be taken.</p>\n",
             history.ok, history.fail, history.info, history.unread) +
         table.html() + witnesses;
}

std::string skew_html(const RunRecord& record) {
  return record.skew.was_asked_for() ? list(skew_lines(record.skew)) : "";
}

}  // namespace squall::reports
