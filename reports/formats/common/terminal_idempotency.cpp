#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "reports/formats/common/escape.hpp"
#include "reports/formats/common/idempotency_text.hpp"
#include "reports/formats/common/summary.hpp"
#include "reports/formats/common/terminal_sections.hpp"
#include "reports/formats/common/text_table.hpp"

namespace squall::reports {
namespace {

using model::PropertyResult;
using model::PropertyVerdict;

constexpr std::size_t kSentence = 900;
constexpr std::size_t kMostEvidence = 4;
constexpr std::size_t kWidestTitle = 28;
constexpr std::size_t kVerdictColumns = 10;  // "not tested"
constexpr std::size_t kNarrowestText = 36;   // below that the text stands under its row
constexpr std::size_t kTextIndent = 6;

Tone tone_of_property(PropertyVerdict verdict) {
  switch (verdict) {
    case PropertyVerdict::kPass:
      return Tone::kGood;
    case PropertyVerdict::kWarn:
      return Tone::kWarn;
    case PropertyVerdict::kFail:
      return Tone::kBad;
    case PropertyVerdict::kNotTested:
      return Tone::kDim;
  }
  return Tone::kPlain;
}

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns, display_width(text)), ' ');
}

// Where the columns of the table stand.
struct Layout {
  std::size_t width = 80;
  std::size_t title = 0;
  std::size_t trials = 1;

  [[nodiscard]] std::size_t text_from() const { return 2 + 4 + title + 2 + trials + 2 + 12; }
  [[nodiscard]] bool is_narrow() const { return width < text_from() + kNarrowestText; }
  [[nodiscard]] std::size_t indent() const { return is_narrow() ? kTextIndent : text_from(); }
};

Layout layout_of(const model::IdempotencyReport& report, std::size_t width) {
  Layout layout{.width = width};
  for (const PropertyResult& property : report.properties) {
    layout.title =
        std::max(layout.title, std::min(kWidestTitle, display_width(printable(property.title))));
    layout.trials = std::max(layout.trials, std::to_string(property.trials).size());
  }
  return layout;
}

std::string row_of(const TerminalContext& context, const Layout& layout,
                   const PropertyResult& property) {
  const bool tested = property.verdict != PropertyVerdict::kNotTested;
  const std::string indent(layout.indent(), ' ');
  std::string verdict(model::to_string(property.verdict));
  verdict.resize(layout.is_narrow() ? verdict.size() : kVerdictColumns, ' ');
  std::string text = fmt::format("  {:>2}  {}  {:>{}}  {}", property.number,
                                 padded(fit(printable(property.title), layout.title), layout.title),
                                 tested ? std::to_string(property.trials) : "-", layout.trials,
                                 context.style.paint(tone_of_property(property.verdict), verdict));
  const std::string sentence =
      wrapped(indent, printable(property_sentence(property), kSentence), layout.width);
  text += layout.is_narrow() ? "\n" + sentence : "  " + sentence.substr(indent.size());
  if (tested) {
    text += wrapped(indent, printable(property.provocation, kSentence), layout.width);
  }
  return text;
}

// What of the evidence the row does not say already, and how to see it again.
std::string proof_of(const TerminalContext& context, const Layout& layout,
                     const PropertyResult& property) {
  const std::string indent(kTextIndent, ' ');
  std::string text;
  for (std::size_t i = 0; i < std::min(property.evidence.size(), kMostEvidence); ++i) {
    if (property.evidence[i] != property.summary) {
      text += wrapped(indent + "- ", printable(property.evidence[i], kSentence), layout.width);
    }
  }
  if (!property.reproducer.empty()) {
    const std::string rate = hit_rate_text(property);
    text += fmt::format(
        "{}reproduce: {}{}\n", indent,
        printable(with_directory(property.reproducer, context.options.directory), kLongText),
        rate.empty() ? "" : fmt::format("  ({})", rate));
  }
  return text;
}

}  // namespace

std::string idempotency_section(const TerminalContext& context) {
  if (context.record.idempotency == nullptr) {
    return {};
  }
  const model::IdempotencyReport& report = *context.record.idempotency;
  const std::size_t width = context.options.width;
  std::string text = "\n" + context.style.paint(Tone::kStrong, "Idempotency") + "\n";
  for (const std::string& line : verification_lines(report)) {
    text += wrapped("  ", printable(line, kSentence), width);
  }
  const Layout layout = layout_of(report, width);
  if (!report.properties.empty()) {
    text += "\n  " +
            context.style.paint(
                Tone::kDim, fmt::format(" #  {}  {:>{}}  verdict", padded("property", layout.title),
                                        "n", layout.trials)) +
            "\n";
  }
  for (const PropertyResult& property : report.properties) {
    text += row_of(context, layout, property) + proof_of(context, layout, property);
  }
  if (const std::string counts = property_counts(report); !counts.empty()) {
    text += fmt::format("\n  {}\n", counts);
  }
  if (const std::string learned = learned_profile_text(report, context.options.directory);
      !learned.empty()) {
    text += wrapped("  ", printable(learned, kSentence), width);
  }
  return text;
}

}  // namespace squall::reports
