#include "reports/formats/common/escape.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::reports {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

// Every ASCII character that is neither letter, digit nor one of `plain` as a numeric entity: no
// markup, no link, and still the same text when rendered.
std::string as_entities(std::string_view text, std::string_view plain) {
  std::string result;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || !is_ascii(c) || plain.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += fmt::format("&#{};", static_cast<int>(c));
    }
  }
  return result;
}

bool contains_www(std::string_view text) {
  return to_lower(text).find("www.") != std::string::npos;
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || !is_ascii(c);
}

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// ":name:" is an emoji.
bool is_emoji(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() &&
         (is_word(text[end]) || text[end] == '+' || text[end] == '-' || text[end] == '_')) {
    ++end;
  }
  return end > at + 1 && end < text.size() && text[end] == ':';
}

// GitHub makes mentions, references, links and emoji of these even when the characters are escaped;
// in code it does not.
bool is_referring(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    const bool refers = (text[at] == '@' && is_word(next)) || (text[at] == '#' && is_digit(next)) ||
                        (text[at] == ':' && (next == '/' || is_emoji(text, at)));
    if (refers) {
      return true;
    }
  }
  return contains_www(text);
}

// Underscores within words are no markup.
std::string prose(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool within =
        at > 0 && at + 1 < text.size() && is_word(text[at - 1]) && is_word(text[at + 1]);
    result += as_entities(text.substr(at, 1), within ? " ,;:%/().=?'\"-_" : " ,;:%/().=?'\"-");
  }
  return result;
}

std::string without_markup(std::string_view text, std::string_view apostrophe) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += apostrophe;
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string xml_text(std::string_view text, std::size_t max_bytes) {
  return without_markup(printable(text, max_bytes), "&apos;");
}

std::string html_text(std::string_view text, std::size_t max_bytes) {
  return without_markup(printable(text, max_bytes), "&#39;");
}

std::string html_block(std::string_view lines) {
  std::string result = "<pre>";
  for (const std::string_view line : split(lines, '\n')) {
    // The parser drops a line break that begins a block; there is none before the first line.
    result += (result.size() == 5 ? "" : "\n") + html_text(line, kLongText);
  }
  return result + "</pre>\n";
}

std::string markdown_code(std::string_view text, std::size_t max_bytes) {
  const std::string safe = printable(text, max_bytes);
  const bool simple = !safe.empty() && safe.front() != ' ' && safe.back() != ' ' &&
                      safe.find_first_of("`|") == std::string::npos;
  // A pipe ends a table cell even inside back-quotes, and a back-quote ends the code; entities do
  // neither.
  return simple ? fmt::format("`{}`", safe)
                : fmt::format("<code>{}</code>",
                              as_entities(safe, contains_www(safe) ? " ,;=%/()" : " ,;=%/().-"));
}

std::string markdown_text(std::string_view text, std::size_t max_bytes) {
  const std::string safe = printable(text, max_bytes);
  return is_referring(safe) ? markdown_code(text, max_bytes) : prose(safe);
}

std::string markdown_block(std::string_view lines, std::string_view language) {
  const std::string fence(std::max<std::size_t>(3, longest_run(lines, '`') + 1), '`');
  std::string result = fmt::format("{}{}\n", fence, language);
  for (const std::string_view line : split(lines, '\n')) {
    result += printable(line, kLongText) + "\n";
  }
  return result + fence + "\n";
}

std::string csv_cell(std::string_view text, std::size_t max_bytes) {
  const std::string safe = printable(text, max_bytes);
  std::string result = "\"";
  if (!safe.empty() && std::string_view("=+-@").find(safe.front()) != std::string_view::npos) {
    result += '\'';
  }
  for (const char c : safe) {
    result += c;
    if (c == '"') {
      result += '"';
    }
  }
  return result + "\"";
}

std::string prometheus_label(std::string_view text, std::size_t max_bytes) {
  std::string result;
  for (const char c : printable(text, max_bytes)) {
    if (c == '\\' || c == '"') {
      result += '\\';
    }
    result += c;
  }
  return result;
}

}  // namespace squall::reports
