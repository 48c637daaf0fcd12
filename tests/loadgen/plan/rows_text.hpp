// A feeder's rows in one line, for comparison.
#pragma once

#include <string>

#include "loadgen/base/result.hpp"
#include "loadgen/expr/feeder.hpp"

namespace squall::plan {

// "column|column/cell|cell/…", or the error.
inline std::string rows_text(const Result<expr::FeederRows>& rows) {
  if (!rows) {
    return to_string(rows.error());
  }
  std::string text;
  for (const std::string& column : rows->columns()) {
    text += (text.empty() ? "" : "|") + column;
  }
  for (std::uint64_t row = 0; row < rows->size(); ++row) {
    for (std::size_t column = 0; column < rows->columns().size(); ++column) {
      text += column == 0 ? '/' : '|';
      rows->append_cell(row, column, text);
    }
  }
  return text;
}

}  // namespace squall::plan
