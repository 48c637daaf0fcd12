#include "reports/formats/html/writing.hpp"

#include <fmt/core.h>

#include "loadgen/base/check.hpp"
#include "reports/formats/common/escape.hpp"

namespace squall::reports {
namespace {

std::string_view class_of(HtmlTable::Kind kind) {
  switch (kind) {
    case HtmlTable::Kind::kWord:
      return "key";
    case HtmlTable::Kind::kNumber:
      return "n";
    case HtmlTable::Kind::kText:
      return "text";
  }
  return "";
}

}  // namespace

HtmlTable::HtmlTable(std::string_view id, std::vector<Column> columns)
    : id_(id), columns_(std::move(columns)) {}

void HtmlTable::add(const std::vector<Cell>& cells, Row row) {
  SQUALL_CHECK(cells.size() == columns_.size());
  if (++added_ > kMostRows) {
    return;
  }
  body_ += row == Row::kPart ? "<tr class=\"part\">" : "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string sort =
        cells[i].sort ? fmt::format(" data-sort=\"{}\"", *cells[i].sort) : std::string();
    body_ += fmt::format("<td class=\"{}{}\"{}>{}</td>", class_of(columns_[i].kind),
                         cells[i].bad ? " bad" : "", sort, cells[i].html);
  }
  body_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  if (added_ == 0) {
    return {};
  }
  std::string text =
      fmt::format("<div class=\"table\" tabindex=\"0\"><table id=\"{}\">\n<thead><tr>", id_);
  for (const Column& column : columns_) {
    text +=
        fmt::format("<th scope=\"col\" class=\"{}\">{}</th>", class_of(column.kind), column.title);
  }
  text += "</tr></thead>\n<tbody>\n" + body_ + "</tbody></table></div>\n";
  if (added_ > kMostRows) {
    text += fmt::format("<p class=\"soft\">{} more are in record.json.</p>\n", added_ - kMostRows);
  }
  return text;
}

HtmlTable::Cell cell(std::string_view outside_text) {
  return {html_text(outside_text)};
}
HtmlTable::Cell cell(std::uint64_t number) {
  return {std::to_string(number)};
}
HtmlTable::Cell code_cell(std::string_view outside_text) {
  return {code(outside_text)};
}

std::string code(std::string_view outside_text) {
  return "<code>" + html_text(outside_text) + "</code>";
}

std::string paragraph(std::string_view outside_text) {
  return "<p>" + html_text(outside_text) + "</p>\n";
}

std::string list(const std::vector<std::string>& items) {
  if (items.empty()) {
    return {};
  }
  std::string text = "<ul>\n";
  for (std::size_t i = 0; i < items.size() && i < kMostRows; ++i) {
    text += "<li>" + html_text(items[i]) + "</li>\n";
  }
  if (items.size() > kMostRows) {
    text += fmt::format("<li>{} more are in record.json.</li>\n", items.size() - kMostRows);
  }
  return text + "</ul>\n";
}

std::string lines_block(const std::vector<std::string>& lines) {
  std::string joined;
  for (std::size_t i = 0; i < lines.size() && i < kMostRows; ++i) {
    joined += (i == 0 ? "" : "\n") + lines[i];
  }
  return lines.empty() ? joined : html_block(joined);
}

std::string command_block(std::string_view command) {
  return command.empty() ? std::string()
                         : "<div class=\"copied\">" + html_block(command) + "</div>\n";
}

std::string details(const std::string& summary, const std::string& body, bool open) {
  return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", open ? " open" : "",
                     summary, body);
}

std::string_view class_of(Tint tint) {
  switch (tint) {
    case Tint::kPass:
      return "pass";
    case Tint::kFail:
      return "fail";
    case Tint::kDoubt:
      return "doubt";
    case Tint::kNote:
      return "note";
  }
  return "";
}

Tint tint_of(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::kPass:
      return Tint::kPass;
    case model::Verdict::kFail:
      return Tint::kFail;
    case model::Verdict::kInvalid:
    case model::Verdict::kInconclusive:
      return Tint::kDoubt;
  }
  return Tint::kNote;
}

std::string sign(Tint tint, std::string_view outside_text) {
  const std::string_view mark = tint == Tint::kPass    ? "✓ "
                                : tint == Tint::kFail  ? "✗ "
                                : tint == Tint::kDoubt ? "! "
                                                       : "";
  return fmt::format("<span class=\"sign {}\">{}{}</span>", class_of(tint), mark,
                     html_text(outside_text));
}

std::string sign(model::Verdict verdict) {
  return sign(tint_of(verdict), model::to_string(verdict));
}

std::string terms(const std::vector<Term>& all) {
  std::string text;
  for (const Term& one : all) {
    if (!one.html.empty()) {
      text += fmt::format("<dt>{}</dt><dd>{}</dd>\n", one.term, one.html);
    }
  }
  return text.empty() ? text : "<dl>\n" + text + "</dl>\n";
}

std::string section_html(const HtmlSection& section) {
  if (section.body.empty()) {
    return {};
  }
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}"
      "</h2>\n{2}</section>\n",
      section.id, section.title, section.body);
}

}  // namespace squall::reports
