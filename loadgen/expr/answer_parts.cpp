#include "loadgen/expr/answer_parts.hpp"

#include <utility>

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::expr {

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

Result<std::string> take_text(Scanner& scanner, std::string_view what) {
  if (!scanner.at_quote()) {
    return scanner.unexpected_here(fmt::format("{} in quotes", what), {});
  }
  const std::size_t column = scanner.column();
  auto text = scanner.take_quoted();
  if (text && text->empty()) {
    return Scanner::error_at(column, fmt::format("{} is empty", what));
  }
  return text;
}

Result<Pattern> take_pattern(Scanner& scanner) {
  const std::size_t column = scanner.column();
  const auto text = take_text(scanner, "a regular expression");
  if (!text) {
    return fail(text.error());
  }
  auto pattern = Pattern::compile(*text);
  if (!pattern) {
    return Scanner::error_at(column, pattern.error().message);
  }
  return pattern;
}

}  // namespace squall::expr
