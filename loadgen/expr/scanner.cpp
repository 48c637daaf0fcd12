#include "loadgen/expr/scanner.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/text.hpp"

namespace squall::expr {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kWordEnd = " \t\r\n\"<>=!";

struct Operator {
  std::string_view text;
  Comparison comparison;
};
// Longer ones first: "<=" starts with "<".
constexpr std::array kOperators{
    Operator{"==", Comparison::kEqual},       Operator{"!=", Comparison::kNotEqual},
    Operator{"<=", Comparison::kLessOrEqual}, Operator{">=", Comparison::kGreaterOrEqual},
    Operator{"<", Comparison::kLess},         Operator{">", Comparison::kGreater}};

}  // namespace

std::string in_quotes(std::string_view outside_text) {
  std::string text = printable(outside_text, 60);
  return text.starts_with('"') ? text : fmt::format("\"{}\"", text);
}

std::string_view to_string(Comparison comparison) {
  const auto found = std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& one) {
    return one.comparison == comparison;
  });
  return found == kOperators.end() ? "?" : found->text;
}

void Scanner::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
}

std::string_view Scanner::peek_word() const {
  const std::size_t end =
      std::min(text_.find_first_of(kWordEnd, at_), text_.find_first_of(marks_, at_));
  return text_.substr(at_, end - at_);
}

std::string_view Scanner::peek_anything() const {
  return text_.substr(at_, text_.find_first_of(kBlanks, at_) - at_);
}

std::string_view Scanner::take_word() {
  const std::string_view word = peek_word();
  at_ += word.size();
  skip_blanks();
  return word;
}

bool Scanner::take_if(std::string_view word) {
  if (peek_word() != word) {
    return false;
  }
  take_word();
  return true;
}

bool Scanner::take_mark(char mark) {
  if (at_end() || text_[at_] != mark) {
    return false;
  }
  ++at_;
  skip_blanks();
  return true;
}

Result<Comparison> Scanner::take_comparison() {
  const std::string_view rest = text_.substr(at_);
  for (const Operator& one : kOperators) {
    if (rest.starts_with(one.text)) {
      at_ += one.text.size();
      skip_blanks();
      return one.comparison;
    }
  }
  if (rest.starts_with('=')) {
    return error_at(column(), "\"=\" is not a comparison; write ==");
  }
  return unexpected_here("a comparison", {"==", "!=", "<", "<=", ">", ">="});
}

std::string_view Scanner::take_braces() {
  const std::string_view rest = text_.substr(at_);
  const std::size_t close = rest.starts_with("{{") ? rest.find("}}") : std::string_view::npos;
  if (close == std::string_view::npos) {
    return {};
  }
  at_ += close + 2;
  skip_blanks();
  return rest.substr(0, close + 2);
}

Result<std::string> Scanner::take_quoted() {
  const std::size_t begin = at_;
  std::size_t end = begin + 1;
  while (end < text_.size() && text_[end] != '"') {
    end += text_[end] == '\\' ? 2U : 1U;
  }
  if (end >= text_.size()) {
    return error_at(begin + 1, "the closing quote is missing");
  }
  const auto parsed = nlohmann::json::parse(text_.substr(begin, end + 1 - begin), nullptr, false);
  if (!parsed.is_string()) {
    return error_at(begin + 1, fmt::format("{} is not a JSON string",
                                           printable(text_.substr(begin, end + 1 - begin), 60)));
  }
  at_ = end + 1;
  skip_blanks();
  return parsed.get<std::string>();
}

tl::unexpected<Error> Scanner::error_at(std::size_t column, std::string message) {
  return fail({ErrorCode::kInvalidArgument, std::move(message),
               SourceRef{{}, 0, static_cast<unsigned>(column)}});
}

tl::unexpected<Error> Scanner::unexpected_here(std::string_view expected,
                                               const std::vector<std::string_view>& choices) const {
  const std::string_view word = peek_word();
  std::string message = at_end()
                            ? fmt::format("{} is missing at the end", expected)
                            : fmt::format("{} is not {}", in_quotes(peek_anything()), expected);
  if (const auto nearest = word.empty() ? std::nullopt : nearest_name(word, choices)) {
    message += fmt::format("; did you mean \"{}\"?", *nearest);
  } else if (!choices.empty()) {
    message += fmt::format("; write {}", join_or(choices));
  }
  return error_at(column(), std::move(message));
}

Result<void> Scanner::expect_end() const {
  if (at_end()) {
    return {};
  }
  return error_at(column(),
                  fmt::format("{} is more than an expression takes", in_quotes(peek_anything())));
}

}  // namespace squall::expr
