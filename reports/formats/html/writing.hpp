// The pieces that report.html is written with. What they take is HTML unless it is called text;
// outside text goes through html_text() first.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/model/verdict.hpp"

namespace squall::reports {

// Rows of a table, cases of a list: what is beyond stands in record.json, and that is said.
inline constexpr std::size_t kMostRows = 200;

// A table that scrolls by itself on a narrow screen and that a click on a title sorts.
class HtmlTable {
 public:
  enum class Kind { kWord, kNumber, kText };  // kText: sentences, which may wrap
  struct Column {
    std::string_view title;
    Kind kind = Kind::kNumber;
  };
  struct Cell {
    std::string html;
    std::optional<double> sort = {};  // by what it is sorted, where its text is not a number
    bool bad = false;
  };
  enum class Row { kPlain, kPart };  // kPart belongs to the row above

  // `id` tells tables apart, for links and tests.
  HtmlTable(std::string_view id, std::vector<Column> columns);

  void add(const std::vector<Cell>& cells, Row row = Row::kPlain);
  [[nodiscard]] bool empty() const { return added_ == 0; }
  // Empty without rows.
  [[nodiscard]] std::string html() const;

 private:
  std::string id_;
  std::vector<Column> columns_;
  std::string body_;
  std::size_t added_ = 0;
};

// Cells.
[[nodiscard]] HtmlTable::Cell cell(std::string_view outside_text);
[[nodiscard]] HtmlTable::Cell cell(std::uint64_t number);
[[nodiscard]] HtmlTable::Cell code_cell(std::string_view outside_text);

[[nodiscard]] std::string code(std::string_view outside_text);
[[nodiscard]] std::string paragraph(std::string_view outside_text);
// Items are outside text; empty without any.
[[nodiscard]] std::string list(const std::vector<std::string>& items);
[[nodiscard]] std::string lines_block(const std::vector<std::string>& lines);
// A command with a button that copies it.
[[nodiscard]] std::string command_block(std::string_view command);
[[nodiscard]] std::string details(const std::string& summary, const std::string& body,
                                  bool open = false);
// A verdict as a word with a sign and a colour.
[[nodiscard]] std::string sign(model::Verdict verdict);
// The class of page.css: "pass", "fail", "doubt", "note".
enum class Tint { kPass, kFail, kDoubt, kNote };
[[nodiscard]] std::string_view class_of(Tint tint);
[[nodiscard]] Tint tint_of(model::Verdict verdict);
[[nodiscard]] std::string sign(Tint tint, std::string_view outside_text);
// A list of terms; values are HTML, and those without a value are left out.
struct Term {
  std::string_view term;
  std::string html;
};
[[nodiscard]] std::string terms(const std::vector<Term>& all);

// One part of the page. Without a body there is no such part.
struct HtmlSection {
  std::string_view id;
  std::string_view title;
  std::string body;
};
[[nodiscard]] std::string section_html(const HtmlSection& section);

}  // namespace squall::reports
