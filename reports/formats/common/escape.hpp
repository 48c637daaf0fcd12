// Text of plans, targets and hosts made exact in each output format. All of it is hostile: control
// bytes, escape sequences and invalid UTF-8 become \xNN first (squall::printable), what exceeds
// `max_bytes` is cut and marked with "…".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace squall::reports {

inline constexpr std::size_t kLongText =
    4000;  // bytes of one outside text in files; terminals get printable()'s default

// For XML 1.0 attribute values and character data. One line.
[[nodiscard]] std::string xml_text(std::string_view text, std::size_t max_bytes = kLongText);

// For HTML: text between tags, and attribute values in double quotes. One line.
[[nodiscard]] std::string html_text(std::string_view text, std::size_t max_bytes = 1000);
// <pre> around lines.
[[nodiscard]] std::string html_block(std::string_view lines);

// Markdown (GitHub's) inline code, anywhere: also in table cells. Neither markup, mentions nor
// links can come of it.
[[nodiscard]] std::string markdown_code(std::string_view text, std::size_t max_bytes = 300);
// Markdown prose that shows the text as it is: inside a paragraph, list item or table cell. One
// line.
[[nodiscard]] std::string markdown_text(std::string_view text, std::size_t max_bytes = 300);
// A fenced block around lines; its fence is longer than any in the text. Ends with a line break.
[[nodiscard]] std::string markdown_block(std::string_view lines, std::string_view language);

// A quoted CSV cell (RFC 4180). What a spreadsheet would take for a formula starts with an
// apostrophe.
[[nodiscard]] std::string csv_cell(std::string_view text, std::size_t max_bytes = kLongText);

// A Prometheus label value without its quotes.
[[nodiscard]] std::string prometheus_label(std::string_view text, std::size_t max_bytes = 300);

}  // namespace squall::reports
