#include "loadgen/expr/expectation.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/answer_parts.hpp"
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
  if (const std::string_view names = scanner.take_braces(); !names.empty()) {
    return std::string(names);  // a number, once they are filled in
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
  if (scanner.take_if("matches")) {
    auto pattern = take_pattern(scanner);
    if (!pattern) {
      return fail(std::move(pattern).error());
    }
    return Expectation::JsonMatches{*std::move(pointer), *std::move(pattern)};
  }
  if (!scanner.peek_word().empty()) {
    return scanner.unexpected_here("\"exists\", \"matches\" or a comparison",
                                   {"exists", "matches", "=="});
  }
  const auto comparison = scanner.take_comparison();
  if (!comparison) {
    return fail(comparison.error());
  }
  const std::size_t column = scanner.column();
  const bool filled_number = scanner.peek_word().starts_with("{{");
  auto expected = take_expected(scanner);
  if (!expected) {
    return fail(std::move(expected).error());
  }
  const bool ordering = *comparison != Comparison::kEqual && *comparison != Comparison::kNotEqual;
  if (ordering && !filled_number && !std::holds_alternative<double>(*expected)) {
    return Scanner::error_at(column,
                             fmt::format("{} compares numbers only", to_string(*comparison)));
  }
  return Expectation::JsonCompare{*std::move(pointer), *comparison, *std::move(expected)};
}

Result<Condition> parse_body_condition(Scanner& scanner) {
  if (scanner.take_if("matches")) {
    auto pattern = take_pattern(scanner);
    if (!pattern) {
      return fail(std::move(pattern).error());
    }
    return Expectation::BodyMatches{*std::move(pattern)};
  }
  if (!scanner.take_if("contains")) {
    return scanner.unexpected_here("\"contains\" or \"matches\"", {"contains", "matches"});
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

Result<Condition> parse_header_comparison(Scanner& scanner, std::string name) {
  const std::size_t column = scanner.column();
  const auto comparison = scanner.take_comparison();
  if (!comparison) {
    return fail(comparison.error());
  }
  if (*comparison != Comparison::kEqual && *comparison != Comparison::kNotEqual) {
    return Scanner::error_at(column, "headers are texts: they are equal or not");
  }
  if (!scanner.at_quote()) {
    return scanner.unexpected_here("a text in quotes", {});
  }
  auto text = scanner.take_quoted();
  if (!text) {
    return fail(std::move(text).error());
  }
  return Expectation::HeaderCompare{std::move(name), *comparison, *std::move(text)};
}

Result<Condition> parse_header_condition(Scanner& scanner) {
  auto name = take_text(scanner, "the name of a header");
  if (!name) {
    return fail(std::move(name).error());
  }
  if (scanner.take_if("exists")) {
    return Expectation::HeaderExists{*std::move(name)};
  }
  if (scanner.take_if("contains")) {
    auto text = take_text(scanner, "the text that it contains");
    if (!text) {
      return fail(std::move(text).error());
    }
    return Expectation::HeaderContains{*std::move(name), *std::move(text)};
  }
  if (scanner.take_if("matches")) {
    auto pattern = take_pattern(scanner);
    if (!pattern) {
      return fail(std::move(pattern).error());
    }
    return Expectation::HeaderMatches{*std::move(name), *std::move(pattern)};
  }
  if (!scanner.peek_word().empty()) {
    return scanner.unexpected_here("\"exists\", \"contains\", \"matches\" or a comparison",
                                   {"exists", "contains", "matches", "=="});
  }
  return parse_header_comparison(scanner, *std::move(name));
}

// A comparison and what stands behind it, which `parse` reads.
template <class Made, class Parse>
Result<Condition> parse_quantity(Scanner& scanner, Parse parse) {
  const auto comparison = scanner.take_comparison();
  if (!comparison) {
    return fail(comparison.error());
  }
  const std::size_t column = scanner.column();
  const auto value = parse(scanner.peek_word());
  if (!value) {
    return Scanner::error_at(column, value.error().message);
  }
  scanner.take_word();
  return Made{*comparison, *value};
}

Result<Condition> parse_any(Scanner& scanner) {
  if (scanner.take_if("status")) {
    return parse_status_condition(scanner);
  }
  if (scanner.take_if("json")) {
    return parse_json_condition(scanner);
  }
  if (scanner.take_if("header")) {
    return parse_header_condition(scanner);
  }
  if (scanner.take_if("body")) {
    return parse_body_condition(scanner);
  }
  if (scanner.take_if("size")) {
    return parse_quantity<Expectation::SizeCompare>(scanner, parse_bytes);
  }
  if (scanner.take_if("time")) {
    return parse_quantity<Expectation::TimeCompare>(
        scanner, [](std::string_view text) { return parse_duration(text); });
  }
  return scanner.unexpected_here("what an expectation starts with",
                                 {"status", "json", "header", "body", "size", "time", "not"});
}

}  // namespace

bool Expectation::needs_body() const {
  return std::holds_alternative<JsonCompare>(condition) ||
         std::holds_alternative<JsonExists>(condition) ||
         std::holds_alternative<JsonMatches>(condition) ||
         std::holds_alternative<BodyContains>(condition) ||
         std::holds_alternative<BodyMatches>(condition);
}

bool Expectation::needs_header() const {
  return std::holds_alternative<HeaderCompare>(condition) ||
         std::holds_alternative<HeaderExists>(condition) ||
         std::holds_alternative<HeaderContains>(condition) ||
         std::holds_alternative<HeaderMatches>(condition);
}

Result<Expectation> parse_expectation(std::string_view text) {
  Scanner scanner(text);
  const bool negated = scanner.take_if("not");
  if (negated && scanner.peek_word() == "not") {
    return Scanner::error_at(scanner.column(), "\"not\" stands once");
  }
  auto condition = parse_any(scanner);
  if (!condition) {
    return fail(std::move(condition).error());
  }
  if (const auto end = scanner.expect_end(); !end) {
    return fail(end.error());
  }
  return Expectation{*std::move(condition), std::string(text), negated};
}

}  // namespace squall::expr
