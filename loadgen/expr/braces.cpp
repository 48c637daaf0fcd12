#include "loadgen/expr/braces.hpp"

#include <fmt/core.h>

#include "loadgen/base/text.hpp"

namespace squall::expr {

Result<std::optional<Braces>> find_braces(std::string_view text, std::size_t from) {
  std::size_t begin = text.find("{{", from);
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  while (begin + 2 < text.size() && text[begin + 2] == '{') {
    ++begin;
  }
  const std::size_t close = text.find_first_of("{}\n", begin + 2);
  if (close == std::string_view::npos || !text.substr(close).starts_with("}}")) {
    return fail({ErrorCode::kMalformed,
                 fmt::format("\"{}\" has no closing \"}}}}\"", printable(text.substr(begin), 30)),
                 SourceRef{{}, 0, static_cast<unsigned>(begin + 1)}});
  }
  Braces found;
  found.begin = begin;
  found.end = close + 2;
  found.inside = trim(text.substr(begin + 2, close - begin - 2));
  const std::size_t bar = found.inside.find('|');
  found.name = trim(found.inside.substr(0, bar));
  if (bar != std::string_view::npos) {
    found.format = trim(found.inside.substr(bar + 1));
  }
  return found;
}

}  // namespace squall::expr
