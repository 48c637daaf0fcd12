#include "loadgen/plan/source_text.hpp"

#include "loadgen/base/text.hpp"
#include "loadgen/plan/overrides.hpp"

namespace squall::plan {
namespace {

// One whose arguments are texts. Those of --set are TOML.
bool is_option(std::string_view file) {
  return file.starts_with('-') && file != kSetOption;
}

}  // namespace

SourceText::SourceText(std::string_view text, std::string_view file)
    : file_(file), lines_(split(text, '\n')) {}

SourceRef SourceText::inside(const expr::LocatedText& value, unsigned column) const {
  const SourceRef& where = value.where;
  if (is_option(where.file) && column > 0 && column <= value.text.size() + 1) {
    return {where.file, where.line, where.column + column - 1};
  }
  if (where.file != file_ || where.line == 0 || where.line > lines_.size() || where.column == 0 ||
      column == 0 || column > value.text.size() + 1) {
    return where;
  }
  const std::string_view line = lines_[where.line - 1];
  if (where.column > line.size()) {
    return where;
  }
  const std::string_view written = line.substr(where.column - 1);
  const bool quoted = written.front() == '"' || written.front() == '\'';
  if (!quoted ||
      written.substr(1, column - 1) != std::string_view(value.text).substr(0, column - 1)) {
    return where;
  }
  return {where.file, where.line, where.column + column};
}

}  // namespace squall::plan
