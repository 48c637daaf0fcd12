#include <unistd.h>

#include <fmt/core.h>

#include "loadgen/app/comparison_commands.hpp"
#include "reports/formats/common/comparison_text.hpp"
#include "reports/formats/common/text_table.hpp"
#include "reports/live/terminal.hpp"

namespace squall::app {

std::string terminal_document(const model::ComparisonReport& report, ComparisonColor color) {
  constexpr unsigned kDefaultWidth = 100;
  const reports::LiveOptions seen =
      reports::live_options_for(STDOUT_FILENO, reports::Quietness::kNormal);
  const unsigned width = isatty(STDOUT_FILENO) != 0 && seen.width ? seen.width() : kDefaultWidth;
  const reports::Style style(color == ComparisonColor::kAuto && seen.color);
  // Painted after wrapping: colour codes take no columns.
  const std::string_view word = model::to_string(report.verdict);
  return style.paint(reports::tone_of(report.verdict), word) +
         reports::wrapped("", reports::comparison_sentence(report), width).substr(word.size()) +
         "\n" + reports::terminal_comparison(report, width, style);
}

std::string markdown_document(const model::ComparisonReport& report) {
  constexpr std::size_t kRows = 200;
  return fmt::format("### squall: {}\n", model::to_string(report.verdict)) +
         reports::markdown_comparison(report, kRows);
}

}  // namespace squall::app
