// html: one offline page with charts, for people, and to pass on. What it shows of figures comes
// from the same functions as in every other format.
#include <algorithm>

#include <fmt/core.h>

#include "loadgen/model/report_format.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/html/chart_data.hpp"
#include "reports/formats/html/script.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"
#include "reports/page/assets.hpp"

namespace squall::reports {
namespace {

using model::RunRecord;

// Refused before the load: there is nothing to show but why.
bool never_began(const RunRecord& record) {
  return std::any_of(record.events.begin(), record.events.end(),
                     [](const model::RunEvent& event) { return event.kind == "refused"; });
}

std::vector<HtmlSection> sections_of(const RunRecord& record, const model::FormatOptions& options) {
  if (never_began(record)) {
    return {{"run", "The run", run_html(record)}};
  }
  return {{"compared", "Compared with the baseline", comparison_html(record)},
          {"judged", "Checks", checks_html(record)},
          {"findings", "Findings", findings_html(record, options)},
          {"capacity", "Capacity", capacity_html(record)},
          {"idempotency", "Idempotency", idempotency_html(record, options)},
          {"charts", "Charts", charts_html(record)},
          {"response", "Response by step", steps_html(record)},
          {"before-after", "Before, during, after", phases_html(record)},
          {"failed", "What failed", failures_html(record)},
          {"injected", "Faults", faults_html(record)},
          {"happened", "Timeline", timeline_html(record)},
          {"effects", "Effects", effects_html(record)},
          {"history", "Histories", history_html(record)},
          {"skew", "Times of requests", skew_html(record)},
          {"instrument", "The instrument", instrument_html(record)},
          {"run", "The run", run_html(record)}};
}

// Scripts and styles run only when they are these very texts; nothing is fetched from anywhere.
std::string head(const RunRecord& record) {
  const std::string title = html_text(record.plan_name, 200);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {} {} "
      "{}; style-src {}; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{} · squall</title>\n"
      "<style>{}</style>\n</head>\n",
      csp_hash(chart_js()), csp_hash(page_js()), csp_hash(report_js()), csp_hash(page_css()), title,
      page_css());
}

std::string render(const RunRecord& record, const model::FormatOptions& options) {
  std::string links;
  std::string body;
  for (const HtmlSection& section : sections_of(record, options)) {
    if (!section.body.empty()) {
      links += fmt::format("<a href=\"#{}\">{}</a>", section.id, section.title);
      body += section_html(section);
    }
  }
  std::string page = head(record);
  page +=
      "<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
      "<header class=\"top\"><div><strong>squall</strong><nav aria-label=\"Parts\">" +
      links +
      "</nav><button type=\"button\" id=\"theme\" class=\"needs-script\" aria-pressed=\"false\">"
      "Dark</button></div></header>\n<main id=\"main\">\n";
  page += verdict_banner(record) + body + "</main>\n";
  page += "<footer>Made by squall " + html_text(record.squall_version) +
          " from record.json, which holds every figure of this page.</footer>\n";
  page += "<script type=\"application/json\" id=\"data\">" + chart_data(record) + "</script>\n";
  page += fmt::format("<script>{}</script>\n<script>{}</script>\n<script>{}</script>\n", chart_js(),
                      page_js(), report_js());
  return page + "</body>\n</html>\n";
}

}  // namespace

void register_format_html(model::FormatRegistry& registry);
void register_format_html(model::FormatRegistry& registry) {
  registry.add({.name = "html",
                .summary = "one offline page with charts, for people and to pass on",
                .file_name = "report.html",
                .render = render});
}

}  // namespace squall::reports
