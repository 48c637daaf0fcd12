#include "loadgen/expr/expectation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/scanner.hpp"

namespace squall::expr {
namespace {

using Condition = decltype(Expectation::condition);

constexpr int kLowestStatus = 100;
constexpr int kHighestStatus = 999;

std::optional<int> parse_status(std::string_view word) {
  int status = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), status);
  const bool whole = code == std::errc() && end == word.data() + word.size();
  return whole && status >= kLowestStatus && status <= kHighestStatus ? std::optional(status)
                                                                      : std::nullopt;
}

Result<Condition> parse_status_range(Scanner& scanner) {
  const std::size_t column = scanner.column();
  const std::string word(scanner.peek_anything());
  const std::size_t dots = word.find("..");
  const auto low = parse_status(std::string_view(word).substr(0, dots));
  const auto high = dots == std::string::npos
                        ? std::nullopt
                        : parse_status(std::string_view(word).substr(dots + 2));
  if (!low || !high) {
    return scanner.unexpected_here("a range of status codes", {"200..299"});
  }
  if (*low > *high) {
    return Scanner::error_at(column,
                             fmt::format("{} is empty: the lower status comes first", word));
  }
  scanner.take_word();
  return Expectation::StatusRange{*low, *high};
}

Result<Condition> parse_status_condition(Scanner& scanner) {
  if (scanner.take_if("in")) {
    return parse_status_range(scanner);
  }
  if (!scanner.peek_word().empty()) {
    return scanner.unexpected_here("\"in\" or a comparison", {"in", "=="});
  }
  const auto comparison = scanner.take_comparison();
  if (!comparison) {
    return fail(comparison.error());
  }
  const auto status = parse_status(scanner.peek_word());
  if (!status) {
    return scanner.unexpected_here("a status code from 100 to 999", {});
  }
  scanner.take_word();
  return Expectation::StatusCompare{*comparison, *status};
}

// RFC 6901: empty, or parts that each start with '/'; '~' only as ~0 and ~1.
Result<std::string> take_pointer(Scanner& scanner) {
  const std::size_t column = scanner.column();
  std::string pointer;
  if (scanner.at_quote()) {
    auto quoted = scanner.take_quoted();
    if (!quoted) {
      return quoted;
    }
    pointer = *std::move(quoted);
  } else if (!scanner.peek_word().starts_with('/')) {
    return scanner.unexpected_here("a JSON pointer", {"/id", "/items/0/id"});
  } else {
    pointer = scanner.take_word();
  }
  if (!pointer.empty() && pointer.front() != '/') {
    return Scanner::error_at(column, fmt::format("\"{}\" is not a JSON pointer: it starts with /",
                                                 printable(pointer, 60)));
  }
  for (std::size_t i = pointer.find('~'); i != std::string::npos; i = pointer.find('~', i + 1)) {
    if (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')) {
      return Scanner::error_at(
          column, fmt::format("\"{}\" is not a JSON pointer: write ~0 for ~ and ~1 for /",
                              printable(pointer, 60)));
    }
  }
  return pointer;
}

std::optional<double> parse_number(std::string_view word) {
  double number = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool whole = !word.empty() && code == std::errc() && end == word.data() + word.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

using Expected = decltype(Expectation::JsonCompare::expected);

Result<Expected> take_expected(Scanner& scanner) {
  if (scanner.at_quote()) {
    auto quoted = scanner.take_quoted();
    if (!quoted) {
      return fail(std::move(quoted).error());
    }
    return *std::move(quoted);
  }
  if (scanner.take_if("true")) {
    return true;
  }
  if (scanner.take_if("false")) {
    return false;
  }
  const auto number = parse_number(scanner.peek_word());
  if (!number) {
    return scanner.unexpected_here("a text in quotes, a number, true or false", {});
  }
  scanner.take_word();
  return *number;
}

Result<Condition> parse_json_condition(Scanner& scanner) {
  auto pointer = take_pointer(scanner);
  if (!pointer) {
    return fail(std::move(pointer).error());
  }
  if (scanner.take_if("exists")) {
    return Expectation::JsonExists{*std::move(pointer)};
  }
  if (!scanner.peek_word().empty()) {
    return scanner.unexpected_here("\"exists\" or a comparison", {"exists", "=="});
  }
  const auto comparison = scanner.take_comparison();
  if (!comparison) {
    return fail(comparison.error());
  }
  const std::size_t column = scanner.column();
  auto expected = take_expected(scanner);
  if (!expected) {
    return fail(std::move(expected).error());
  }
  const bool ordering = *comparison != Comparison::kEqual && *comparison != Comparison::kNotEqual;
  if (ordering && !std::holds_alternative<double>(*expected)) {
    return Scanner::error_at(column,
                             fmt::format("{} compares numbers only", to_string(*comparison)));
  }
  return Expectation::JsonCompare{*std::move(pointer), *comparison, *std::move(expected)};
}

Result<Condition> parse_body_condition(Scanner& scanner) {
  if (!scanner.take_if("contains")) {
    return scanner.unexpected_here("\"contains\"", {"contains"});
  }
  if (!scanner.at_quote()) {
    return scanner.unexpected_here("a text in quotes", {});
  }
  const std::size_t column = scanner.column();
  auto text = scanner.take_quoted();
  if (!text) {
    return fail(std::move(text).error());
  }
  if (text->empty()) {
    return Scanner::error_at(column, "every body contains the empty text");
  }
  return Expectation::BodyContains{*std::move(text)};
}

Result<Condition> parse_any(Scanner& scanner) {
  if (scanner.take_if("status")) {
    return parse_status_condition(scanner);
  }
  if (scanner.take_if("json")) {
    return parse_json_condition(scanner);
  }
  if (scanner.take_if("body")) {
    return parse_body_condition(scanner);
  }
  return scanner.unexpected_here("what an expectation starts with", {"status", "json", "body"});
}

bool is_extraction_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

bool Expectation::needs_body() const {
  return !std::holds_alternative<StatusRange>(condition) &&
         !std::holds_alternative<StatusCompare>(condition);
}

Result<Expectation> parse_expectation(std::string_view text) {
  Scanner scanner(text);
  auto condition = parse_any(scanner);
  if (!condition) {
    return fail(std::move(condition).error());
  }
  if (const auto end = scanner.expect_end(); !end) {
    return fail(end.error());
  }
  return Expectation{*std::move(condition), std::string(text)};
}

Result<Extraction> parse_extraction(std::string_view name, std::string_view text) {
  constexpr std::array<std::string_view, 7> kTaken{"key",    "seq", "index", "run",
                                                   "caller", "now", "body"};
  if (!is_extraction_name(name)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" is not a name: use letters, digits, _ and -", printable(name, 60)));
  }
  if (std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{{{{{}}}}} has a meaning of its own; choose another name", name));
  }
  Scanner scanner(text);
  if (!scanner.take_if("json")) {
    return scanner.unexpected_here("where a value can come from", {"json"});
  }
  auto pointer = take_pointer(scanner);
  if (!pointer) {
    return fail(std::move(pointer).error());
  }
  if (const auto end = scanner.expect_end(); !end) {
    return fail(end.error());
  }
  return Extraction{std::string(name), *std::move(pointer)};
}

}  // namespace squall::expr
