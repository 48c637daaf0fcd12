#include "reports/formats/common/finding_page.hpp"

#include <fmt/core.h>

#include "loadgen/model/timeline.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/property_page.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::EffectCase;
using model::Finding;
using model::RunRecord;

std::string list_of(std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) {
    return "";
  }
  std::string text = fmt::format("\n## {}\n\n", title);
  for (const std::string& line : lines) {
    text += fmt::format("- {}\n", markdown_text(line, 500));
  }
  return text;
}

std::string evidence_block(const std::vector<std::string>& evidence) {
  std::string lines;
  for (const std::string& line : evidence) {
    lines += (lines.empty() ? "" : "\n") + line;
  }
  return lines.empty() ? lines : "\n## Evidence\n\n" + markdown_block(lines, "text");
}

std::string case_section(const RunRecord& record, const EffectCase& found) {
  std::string lines;
  for (const model::EffectAttempt& attempt : found.timeline) {
    lines += (lines.empty() ? "" : "\n") + model::timeline_line(record, attempt);
  }
  std::string text = fmt::format(
      "\n### {}: {} effects, the client saw it {}\n\n{}", markdown_code(found.operation.key),
      found.effects, model::to_string(found.operation.outcome), markdown_block(lines, "text"));
  if (!found.curl.empty()) {
    text += "\nBy hand:\n\n" + markdown_block(found.curl, "sh");
  }
  return text;
}

}  // namespace

std::string finding_page(const RunRecord& record, const Finding& finding,
                         const std::string& directory) {
  if (const auto* property = property_of(record.idempotency.get(), finding)) {
    return property_page(record, *property, directory);
  }
  std::string text =
      fmt::format("# {}\n\n{}\n\nRun {} of {}, seed {}.\n", markdown_text(finding.id),
                  markdown_text(finding.summary, 1000), markdown_code(record.run_id),
                  markdown_code(record.plan_name), record.seed);
  text += evidence_block(evidence_without_details(record, finding));
  if (!finding.reproducer.empty()) {
    text += "\n## See it again\n\n" +
            markdown_block(with_directory(finding.reproducer, directory), "sh");
  }
  if (finding.about_effects && !record.effects.cases.empty()) {
    text += "\n## First cases\n";
    for (const EffectCase& found : record.effects.cases) {
      text += case_section(record, found);
    }
  }
  return text + list_of("How it is usually mended", finding.remedies);
}

}  // namespace squall::reports
