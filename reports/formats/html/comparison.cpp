// What the run came to beside its baseline.
#include <fmt/core.h>

#include "loadgen/model/comparison.hpp"
#include "reports/formats/common/comparison_text.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/html/sections.hpp"
#include "reports/formats/html/writing.hpp"

namespace squall::reports {
namespace {

using Kind = HtmlTable::Kind;

Tint tint_for(model::ComparisonVerdict verdict) {
  switch (verdict) {
    case model::ComparisonVerdict::kSame:
    case model::ComparisonVerdict::kBetter:
      return Tint::kPass;
    case model::ComparisonVerdict::kInconclusive:
      return Tint::kDoubt;
    case model::ComparisonVerdict::kWorse:
      return Tint::kFail;
  }
  return Tint::kNote;
}

}  // namespace

std::string comparison_html(const model::RunRecord& record) {
  if (record.comparison == nullptr) {
    return {};
  }
  const model::ComparisonReport& report = *record.comparison;
  HtmlTable table("comparison", {{"", Kind::kWord},
                                 {"metric", Kind::kWord},
                                 {"base"},
                                 {"this run"},
                                 {"difference"},
                                 {"at 95%"},
                                 {"tolerance"},
                                 {"note", Kind::kText}});
  for (const model::MetricComparison& metric : report.metrics) {
    const bool worse = metric.verdict == model::ComparisonVerdict::kWorse;
    table.add({{sign(tint_for(metric.verdict), model::to_string(metric.verdict))},
               code_cell(model::name_of(metric)),
               {html_text(base_text(metric)), metric.base},
               {html_text(candidate_text(metric)), metric.candidate},
               {html_text(difference_text(metric)), metric.difference, worse},
               cell(interval_text(metric)),
               cell(tolerance_text(metric)),
               cell(metric.note)});
  }
  return fmt::format("<p>{} {} ({})</p>\n", sign(tint_for(report.verdict), "compared with"),
                     code(report.base), html_text(comparison_method(report))) +
         paragraph(comparison_sentence(report)) + table.html() + list(report.notes);
}

}  // namespace squall::reports
