#include "reports/formats/common/markdown_idempotency.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"

namespace squall::reports {
namespace {

using model::PropertyResult;
using model::PropertyVerdict;

constexpr std::size_t kSentence = 500;

std::string_view sign_of(PropertyVerdict verdict) {
  switch (verdict) {
    case PropertyVerdict::kPass:
      return "✅";
    case PropertyVerdict::kWarn:
      return "⚠️";
    case PropertyVerdict::kFail:
      return "❌";
    case PropertyVerdict::kNotTested:
      return "➖";
  }
  return "";
}

// What was seen of a property that holds; broken ones have a section of their own.
std::string remarks_on(const PropertyResult& property, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; !is_broken(property) && i < std::min(property.evidence.size(), most);
       ++i) {
    text += "<br>" + markdown_text(property.evidence[i], kSentence);
  }
  return text;
}

std::string row_of(const PropertyResult& property, std::size_t most) {
  const bool tested = property.verdict != PropertyVerdict::kNotTested;
  return fmt::format(
      "| {} | {} | {} | {} | {} {} | {}{} |\n", property.number, markdown_text(property.title),
      markdown_text(property.provocation), tested ? std::to_string(property.trials) : "",
      sign_of(property.verdict), model::to_string(property.verdict),
      markdown_text(property_sentence(property), kSentence), remarks_on(property, most));
}

std::string proof_of(const PropertyResult& property, const std::string& directory,
                     std::size_t most) {
  std::string text =
      fmt::format("\n<details><summary>{} {} {}: {}</summary>\n\n", sign_of(property.verdict),
                  property.number, markdown_text(property.title), markdown_text(property.promise));
  std::string lines;
  for (std::size_t i = 0; i < std::min(property.evidence.size(), most); ++i) {
    lines += (i == 0 ? "" : "\n") + property.evidence[i];
  }
  text += lines.empty() ? "" : markdown_block(lines, "text");
  for (std::size_t i = 0; i < std::min(property.remedies.size(), most); ++i) {
    text += fmt::format("{}- {}\n", i == 0 ? "\nRemedies:\n\n" : "",
                        markdown_text(property.remedies[i], kSentence));
  }
  if (!property.reproducer.empty()) {
    const std::string rate = hit_rate_text(property);
    text += fmt::format("\nReproduce{}:\n\n", rate.empty() ? "" : fmt::format(" ({})", rate)) +
            markdown_block(with_directory(property.reproducer, directory), "sh");
  }
  return text + "\n</details>\n";
}

}  // namespace

std::string markdown_idempotency(const model::RunRecord& record, const std::string& directory,
                                 std::size_t most) {
  if (record.idempotency == nullptr) {
    return {};
  }
  const model::IdempotencyReport& report = *record.idempotency;
  std::string text = "\n";
  for (const std::string& line : verification_lines(report)) {
    text += fmt::format("- {}\n", markdown_text(line, kSentence));
  }
  if (const std::string counts = property_counts(report); !counts.empty()) {
    text += fmt::format("- properties: {}\n", counts);
  }
  if (const std::string learned = learned_profile_text(report, directory); !learned.empty()) {
    text += fmt::format("- {}\n", markdown_text(learned, kSentence));
  }
  if (report.properties.empty()) {
    return text;
  }
  text += "\n| # | property | provocation | n | verdict | evidence |\n|--:|---|---|--:|---|---|\n";
  for (const PropertyResult& property : report.properties) {
    text += row_of(property, most);
  }
  for (const PropertyResult& property : report.properties) {
    text += is_broken(property) ? proof_of(property, directory, most) : "";
  }
  return text;
}

}  // namespace squall::reports
