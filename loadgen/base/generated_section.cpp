#include "loadgen/base/generated_section.hpp"

#include <fmt/core.h>

namespace squall {

Result<std::string> replace_generated_section(std::string_view document, std::string_view name,
                                              std::string_view section) {
  constexpr std::string_view kEnd = "<!-- end -->";
  const std::string begin = fmt::format("<!-- generated: {} -->\n", name);
  const std::size_t from = document.find(begin);
  const std::size_t to = from == std::string_view::npos ? from : document.find(kEnd, from);
  if (to == std::string_view::npos) {
    return fail(ErrorCode::kMalformed,
                fmt::format("no section <!-- generated: {} --> … {}", name, kEnd));
  }
  return fmt::format("{}{}{}{}", document.substr(0, from), begin, section, document.substr(to));
}

}  // namespace squall
