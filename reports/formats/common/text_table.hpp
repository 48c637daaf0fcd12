// Plain text tables and paragraphs for terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/formats/common/style.hpp"

namespace squall::reports {

// Columns that a text takes on a terminal: code points, since printable() leaves no combining
// controls. Wide East Asian characters count as one, so tables that hold them may lean.
[[nodiscard]] std::size_t display_width(std::string_view text);
// Cut to `width` columns, the cut marked with "…".
[[nodiscard]] std::string fit(std::string_view text, std::size_t width);

// `text` broken at blanks into lines of at most `width` columns (longer words stay whole), the
// first prefixed with `first`, the others with as many blanks. Each line ends with a line break.
[[nodiscard]] std::string wrapped(std::string_view first, std::string_view text, std::size_t width);

// Collects rows, then aligns them. One thread.
class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kRight;
  };
  struct Cell {
    std::string text;
    Tone tone = Tone::kPlain;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void add(std::vector<Cell> row);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Indented by two; when the table is wider than `width` its left-aligned columns give way, to
  // eight at least.
  [[nodiscard]] std::string render(std::size_t width, const Style& style) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths(std::size_t width) const;
  [[nodiscard]] std::string line(const std::vector<Cell>& cells,
                                 const std::vector<std::size_t>& widths, const Style& style) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace squall::reports
