#include "reports/formats/common/text_table.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/text.hpp"

namespace squall::reports {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;

bool starts_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::string fit(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) {
    return std::string(text);
  }
  std::size_t columns = 0;
  std::size_t at = 0;
  while (at < text.size() && (columns < width || !starts_code_point(text[at]))) {
    columns += starts_code_point(text[at]) ? 1U : 0U;
    if (columns >= width) {
      break;
    }
    ++at;
  }
  return std::string(text.substr(0, at)) + (width == 0 ? "" : "…");
}

std::string wrapped(std::string_view first, std::string_view text, std::size_t width) {
  const std::string indent(display_width(first), ' ');
  std::string result(first);
  std::size_t column = indent.size();
  bool line_is_empty = true;
  for (const std::string_view word : split(text, ' ')) {
    const std::size_t length = display_width(word);
    if (!line_is_empty && column + 1 + length > width) {
      result += "\n" + indent;
      column = indent.size();
      line_is_empty = true;
    }
    result += line_is_empty ? "" : " ";
    result += word;
    column += length + (line_is_empty ? 0U : 1U);
    line_is_empty = false;
  }
  return result + "\n";
}

void TextTable::add(std::vector<Cell> row) {
  SQUALL_CHECK(row.size() == columns_.size());
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> TextTable::widths(std::size_t width) const {
  std::vector<std::size_t> result;
  std::size_t total = kIndent;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = display_width(columns_[i].title);
    for (const std::vector<Cell>& row : rows_) {
      widest = std::max(widest, display_width(row[i].text));
    }
    result.push_back(widest);
    total += widest + (i == 0 ? 0 : kGap);
  }
  for (std::size_t i = columns_.size(); i-- > 0 && total > width;) {
    if (columns_[i].align == Align::kLeft && result[i] > kNarrowest) {
      const std::size_t given = std::min(total - width, result[i] - kNarrowest);
      result[i] -= given;
      total -= given;
    }
  }
  return result;
}

std::string TextTable::line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                            const Style& style) const {
  std::string result(kIndent, ' ');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = fit(cells[i].text, widths[i]);
    const std::string padding(widths[i] - std::min(widths[i], display_width(text)), ' ');
    const bool left = columns_[i].align == Align::kLeft;
    result += i == 0 ? "" : std::string(kGap, ' ');
    result += left ? "" : padding;
    result += style.paint(cells[i].tone, text);
    result += left && i + 1 < cells.size() ? padding : "";
  }
  return result + "\n";
}

std::string TextTable::render(std::size_t width, const Style& style) const {
  const std::vector<std::size_t> column_widths = widths(width);
  std::vector<Cell> titles;
  for (const Column& column : columns_) {
    titles.push_back({column.title, Tone::kDim});
  }
  std::string result = line(titles, column_widths, style);
  for (const std::vector<Cell>& row : rows_) {
    result += line(row, column_widths, style);
  }
  return result;
}

}  // namespace squall::reports
