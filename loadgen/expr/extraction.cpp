#include "loadgen/expr/extraction.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"
#include "loadgen/expr/answer_parts.hpp"
#include "loadgen/expr/scanner.hpp"

namespace squall::expr {
namespace {

using From = Extraction::From;

bool is_extraction_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && name.size() <= 64 && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::array<std::string_view, Count>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> check_name(std::string_view name) {
  constexpr std::array<std::string_view, 7> kOfTemplates{"key",    "seq", "index", "run",
                                                         "caller", "now", "body"};
  constexpr std::array<std::string_view, 3> kOfConditions{"true", "false", "not"};
  if (!is_extraction_name(name)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" cannot be the name of an extracted value: names begin with a letter "
                    "and hold letters, digits, '-' and '_'",
                    printable(name, 60)));
  }
  if (is_one_of(name, kOfTemplates)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{{{{{}}}}} already has a meaning; choose another name", name));
  }
  if (is_one_of(name, kOfConditions)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is a word of conditions; choose another name", name));
  }
  return {};
}

Result<void> take_regex(Scanner& scanner, Extraction& result) {
  auto pattern = take_pattern(scanner);
  if (!pattern) {
    return fail(std::move(pattern).error());
  }
  result.pattern = *std::move(pattern);
  result.from = From::kBodyRegex;
  if (!scanner.take_if("in")) {
    return {};
  }
  if (!scanner.take_if("header")) {
    return scanner.unexpected_here("\"header\"", {"header"});
  }
  auto field = take_text(scanner, "the name of a header");
  if (!field) {
    return fail(std::move(field).error());
  }
  result.field = *std::move(field);
  result.from = From::kHeaderRegex;
  return {};
}

Result<void> take_field(Scanner& scanner, Extraction& result, From from, std::string_view what) {
  auto field = take_text(scanner, what);
  if (!field) {
    return fail(std::move(field).error());
  }
  result.field = *std::move(field);
  result.from = from;
  return {};
}

Result<void> take_source(Scanner& scanner, Extraction& result) {
  if (scanner.take_if("json")) {
    auto pointer = take_pointer(scanner);
    if (!pointer) {
      return fail(std::move(pointer).error());
    }
    result.pointer = *std::move(pointer);
    return {};
  }
  if (scanner.take_if("header")) {
    return take_field(scanner, result, From::kHeader, "the name of a header");
  }
  if (scanner.take_if("cookie")) {
    return take_field(scanner, result, From::kCookie, "the name of a cookie");
  }
  if (scanner.take_if("regex")) {
    return take_regex(scanner, result);
  }
  return scanner.unexpected_here("where a value can come from",
                                 {"json", "header", "cookie", "regex"});
}

Result<void> take_missing(Scanner& scanner, Extraction& result) {
  if (scanner.take_if("optional")) {
    result.optional = true;
    return {};
  }
  if (!scanner.take_if("default")) {
    return {};
  }
  if (!scanner.at_quote()) {
    return scanner.unexpected_here("a text in quotes", {});
  }
  auto text = scanner.take_quoted();
  if (!text) {
    return fail(std::move(text).error());
  }
  result.otherwise = *std::move(text);
  return {};
}

}  // namespace

Result<Extraction> parse_extraction(std::string_view name, std::string_view text) {
  if (auto ok = check_name(name); !ok) {
    return fail(std::move(ok).error());
  }
  Extraction result;
  result.name = name;
  result.source = text;
  Scanner scanner(text);
  auto read = take_source(scanner, result)
                  .and_then([&] { return take_missing(scanner, result); })
                  .and_then([&] { return scanner.expect_end(); });
  if (!read) {
    return fail(std::move(read).error());
  }
  return result;
}

}  // namespace squall::expr
