// What differs from the baseline, metric by metric, with an axis for each interval.
#include "loadgen/model/comparison.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "reports/formats/common/comparison_text.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using model::ComparisonVerdict;
using model::MetricComparison;
using Kind = HtmlTable::Kind;

Tint tint_of(ComparisonVerdict verdict) {
  switch (verdict) {
    case ComparisonVerdict::kSame:
    case ComparisonVerdict::kBetter:
      return Tint::kPass;
    case ComparisonVerdict::kInconclusive:
      return Tint::kDoubt;
    case ComparisonVerdict::kWorse:
      return Tint::kFail;
  }
  return Tint::kNote;
}

// What the axis reaches to on either side: some tolerances, or farther when the interval does. An
// end at infinity is cut off at its edge.
double reach_of(const MetricComparison& metric) {
  constexpr double kTolerances = 4;
  constexpr double kRoom = 1.05;
  double reach = kTolerances * metric.tolerance;
  for (const double value : {metric.low, metric.difference, metric.high}) {
    reach = std::isfinite(value) ? std::max(reach, kRoom * std::abs(value)) : reach;
  }
  return reach;
}

// Percent of the axis's width.
double place(double difference, double reach) {
  return 50 + 50 * std::clamp(difference / reach, -1.0, 1.0);
}

// Shaded: what does not matter. The line: the interval; the mark: the difference itself.
std::string interval_axis(const MetricComparison& metric) {
  if (!metric.measured || metric.tolerance <= 0) {
    return {};
  }
  const double reach = reach_of(metric);
  const double low = place(metric.low, reach);
  const double high = place(metric.high, reach);
  const double tolerated = 50 * metric.tolerance / reach;
  const std::string_view colour = metric.verdict == ComparisonVerdict::kWorse    ? "bad"
                                  : metric.verdict == ComparisonVerdict::kBetter ? "good"
                                                                                 : "plain";
  return fmt::format(
      "<svg class=\"interval\" role=\"img\" aria-label=\"{}\" height=\"18\">"
      "<rect class=\"wait\" x=\"{:.2f}%\" y=\"1\" width=\"{:.2f}%\" height=\"16\"/>"
      "<line class=\"axis\" x1=\"50%\" x2=\"50%\" y1=\"0\" y2=\"18\"/>"
      "<rect class=\"{}\" x=\"{:.2f}%\" y=\"7\" width=\"{:.2f}%\" height=\"4\" rx=\"2\"/>"
      "<rect class=\"{}\" x=\"{:.2f}%\" y=\"3\" width=\"3\" height=\"12\"/></svg>",
      html_text(interval_text(metric)), 50 - tolerated, 2 * tolerated, colour, low,
      std::max(high - low, 0.5), colour, place(metric.difference, reach));
}

}  // namespace

std::string comparison_html(const model::RunRecord& record) {
  if (record.comparison == nullptr) {
    return {};
  }
  const model::ComparisonReport& report = *record.comparison;
  HtmlTable table("comparison-table", {{"verdict", Kind::kWord},
                                       {"metric", Kind::kWord},
                                       {"base"},
                                       {"this run"},
                                       {"difference"},
                                       {"at 95%"},
                                       {"", Kind::kWord},
                                       {"tolerance", Kind::kWord}});
  std::vector<std::string> notes = report.notes;
  for (const MetricComparison& metric : report.metrics) {
    table.add({{sign(tint_of(metric.verdict), model::to_string(metric.verdict))},
               code_cell(model::name_of(metric)),
               {html_text(base_text(metric)), metric.base},
               {html_text(candidate_text(metric)), metric.candidate},
               {html_text(difference_text(metric)), metric.difference,
                metric.verdict == ComparisonVerdict::kWorse},
               cell(interval_text(metric)),
               {interval_axis(metric)},
               cell(tolerance_text(metric))});
    if (!metric.note.empty()) {
      notes.push_back(model::name_of(metric) + ": " + metric.note);
    }
  }
  return "<p><strong>" + html_text(comparison_sentence(report)) +
         "</strong></p>\n<p class=\"soft\">" + html_text(comparison_method(report)) +
         "; base: " + code(report.base) + "</p>\n" + table.html() + list(notes);
}

}  // namespace squall::reports
