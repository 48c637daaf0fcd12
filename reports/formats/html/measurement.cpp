// What was measured: canvases for the charts, and the tables beside them.
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/units.hpp"
#include "loadgen/model/recovery.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/headline.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/phases.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/html/chart_data.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;
using Kind = HtmlTable::Kind;

constexpr const char* kNoScript =
    "<noscript><p class=\"soft\">Charts need JavaScript; every table of this page reads without."
    "</p></noscript>\n";

// The canvas, what a screen reader says of it, and what one can switch.
std::string chart(std::string_view id, std::string_view title, std::string_view what,
                  std::string_view controls, std::string_view size = "") {
  return fmt::format(
      "<div class=\"needs-script\" id=\"{0}-box\">\n<h3>{1}</h3>\n<p class=\"soft\">{2}</p>\n{3}"
      "<div class=\"chart{4}\"><canvas id=\"{0}\" role=\"img\" "
      "aria-label=\"{1}\"></canvas></div>\n",
      id, title, what,
      controls.empty() ? std::string()
                       : fmt::format("<div class=\"controls\">{}</div>\n", controls),
      size);
}

// Percentiles sort by their values, n/a and never as they should.
HtmlTable::Cell percentile_cell(const stats::Histogram& response, double percentile) {
  const auto interval = stats::percentile_with_interval(response, percentile);
  return {percentile_text(response, percentile),
          interval ? static_cast<double>(interval->value) : -1.0};
}

std::vector<HtmlTable::Cell> step_cells(const StepRow& row, const std::string& name) {
  const bool has_errors = row.errors > 0;
  return {
      {name},
      cell(model::to_string(row.exposure)),
      cell(row.counts.total()),
      {row.offered > 0 ? format_rate(Rate{row.offered}) : "", row.offered},
      {share_text(row.errors, row.counts.total()),
       static_cast<double>(row.errors) /
           static_cast<double>(std::max<std::uint64_t>(row.counts.total(), 1)),
       has_errors},
      percentile_cell(row.response, 50),
      percentile_cell(row.response, 90),
      percentile_cell(row.response, 99),
      {interval_text(row.response, 99), -1.0},
      percentile_cell(row.response, 99.9),
      {max_text(row.response), static_cast<double>(row.response.max()), row.counts.dropped > 0}};
}

std::string step_notes(const RunRecord& record, const std::vector<StepRow>& rows) {
  std::uint64_t dropped = 0;
  std::uint64_t unanswered = 0;
  for (const StepRow& row : rows) {
    dropped += row.counts.dropped;
    unanswered += row.counts.unanswered;
  }
  std::string text;
  if (dropped > 0) {
    text += paragraph(
        fmt::format("{} operations were never sent; they count as slower than any other", dropped));
  }
  if (unanswered > 0) {
    text += paragraph(
        fmt::format("{} operations had no answer when the drain ended; they count as slower than "
                    "any other",
                    unanswered));
  }
  if (const std::uint64_t more = uncelled_operations(record); more > 0) {
    text += paragraph(fmt::format("{} operations of further kinds are not listed", more));
  }
  return text;
}

bool has_cells(const RunRecord& record) {
  return std::any_of(record.seconds.begin(), record.seconds.end(),
                     [](const model::SecondSummary& second) { return !second.cells.empty(); });
}

}  // namespace

std::string charts_html(const RunRecord& record) {
  if (record.seconds.empty() || is_without_load(record)) {
    return {};
  }
  const std::string log =
      "<label><input type=\"checkbox\" id=\"{}-log\"{}> logarithmic scale</label>";
  std::string text = kNoScript;
  text +=
      "<div class=\"controls needs-script\" id=\"filters\"><label>step <select id=\"filter-step\">"
      "<option value=\"all\">all steps</option></select></label><label>operations <select "
      "id=\"filter-exposure\"><option value=\"all\">clean and faulted</option><option "
      "value=\"clean\">clean</option><option value=\"faulted\">faulted</option></select></label>"
      "<span>for the percentiles, the map and the curve</span></div>\n";
  text += chart("percentiles", "Response over time",
                "From the planned send time; operations by the second in which they ended. " +
                    series_note(record) + " <span id=\"percentiles-note\"></span>",
                fmt::format(fmt::runtime(log), "percentiles", "")) +
          "</div>\n";
  text += chart("throughput", "Due, acknowledged and failed, per second",
                "Failed attempts by class, stacked on the operations that were acknowledged. "
                "Arrivals due are iterations: one of several steps asks for several operations.",
                "") +
          "</div>\n";
  if (has_cells(record)) {
    text += chart("heat", "How responses were spread",
                  "The stronger the colour, the more operations.", "", " tall") +
            "<div class=\"scale\" id=\"heat-scale\"></div><div class=\"tip\" id=\"heat-tip\" "
            "aria-live=\"polite\"></div></div>\n";
  }
  text += chart("curve", "Percentiles on a scale of nines",
                "The measured phase. Shaded: the 95% interval; a curve ends where fewer than ten "
                "values lie above, beyond that is n/a.",
                fmt::format(fmt::runtime(log), "curve", " checked"), " tall") +
          "</div>\n";
  return text;
}

std::string steps_html(const RunRecord& record) {
  const std::vector<StepRow> rows = step_rows(record);
  if (rows.empty()) {
    return is_without_load(record) ? "" : "<p>No operation was measured.</p>\n";
  }
  HtmlTable table("steps", {{"step", Kind::kWord},
                            {"", Kind::kWord},
                            {"operations"},
                            {"offered"},
                            {"errors"},
                            {"p50"},
                            {"p90"},
                            {"p99"},
                            {"p99 at 95%"},
                            {"p99.9"},
                            {"max"}});
  for (const StepRow& row : rows) {
    table.add(step_cells(row, code(row.step)));
    if (const auto acked = acked_row(record, row)) {
      table.add(step_cells(*acked, "acked alone"), HtmlTable::Row::kPart);
    }
  }
  return "<p class=\"soft\">Of the measured phase, from the planned send time.</p>\n" +
         table.html() + step_notes(record, rows);
}

std::string phases_html(const RunRecord& record) {
  const std::vector<PhaseRow> rows = phase_rows(record);
  if (rows.empty()) {
    return {};
  }
  std::vector<HtmlTable::Column> columns = {{"step", Kind::kWord}};
  for (const std::string_view title :
       {"baseline", "errors", "p99", "fault", "errors", "p99", "recovery", "errors", "p99"}) {
    columns.push_back({title});
  }
  columns.push_back({"as before", Kind::kWord});
  HtmlTable table("phases", columns);
  for (const PhaseRow& row : rows) {
    std::vector<HtmlTable::Cell> cells = {code_cell(row.step)};
    for (const PhaseCell& phase : row.phases) {
      cells.push_back(cell(phase.operations));
      cells.push_back({html_text(phase.errors), {}, phase.worse});
      cells.push_back(cell(phase.p99));
    }
    cells.push_back(cell(row.recovered));
    table.add(cells);
  }
  return paragraph(phases_line(record)) + table.html();
}

std::string failures_html(const RunRecord& record) {
  const std::vector<model::RecordedEnding> failed = failed_endings(record);
  std::string text;
  if (const std::string statuses = statuses_text(record);
      !statuses.empty() && (!failed.empty() || !record.unmet.empty())) {
    text += paragraph("Answers by status, warm-up included: " + statuses);
  }
  HtmlTable table("failures", {{"step", Kind::kWord},
                               {"class", Kind::kWord},
                               {"status"},
                               {"attempts"},
                               {"first"},
                               {"what was seen", Kind::kText}});
  for (const model::RecordedEnding& ending : failed) {
    const bool shown = !ending.examples.empty();
    table.add({code_cell(ending.step),
               cell(model::to_string(ending.how)),
               {ending.status == 0 ? "-" : std::to_string(ending.status)},
               cell(ending.attempts),
               {shown ? fmt::format("{:.3f}s", to_seconds(ending.examples.front().at)) : "-"},
               shown && !ending.examples.front().detail.empty()
                   ? code_cell(ending.examples.front().detail)
                   : HtmlTable::Cell{}});
  }
  text += table.html();
  HtmlTable unmet("unmet", {{"step", Kind::kWord}, {"attempts"}, {"demand", Kind::kText}});
  for (const model::UnmetDemand& one : most_unmet(record)) {
    unmet.add({code_cell(one.step), cell(one.attempts), code_cell(one.text)});
  }
  return unmet.empty() ? text : text + "<h3>What answers did not keep</h3>\n" + unmet.html();
}

}  // namespace squall::reports
