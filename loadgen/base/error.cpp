#include "loadgen/base/error.hpp"

#include <fmt/core.h>

namespace squall {

std::string to_string(const SourceRef& where) {
  if (where.line == 0) {
    return fmt::format("{}{}column {}", where.file, where.file.empty() ? "" : ": ", where.column);
  }
  return fmt::format("{}:{}:{}", where.file, where.line, where.column);
}

std::string to_string(const Error& error) {
  return error.where ? fmt::format("{}: {}", to_string(*error.where), error.message)
                     : error.message;
}

Error with_context(Error error, std::string_view context) {
  error.message = fmt::format("{}: {}", context, error.message);
  return error;
}

}  // namespace squall
