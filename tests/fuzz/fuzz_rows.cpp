// Rows of feeders out of CSV, JSON and NDJSON: what is read can be written and reads back the same;
// what is not says where.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/base/check.hpp"
#include "loadgen/plan/csv.hpp"
#include "loadgen/plan/json_rows.hpp"

namespace {

using namespace squall;
using expr::FeederRows;

constexpr std::size_t kMaxRows = 200;
const std::string kFile = "rows";

std::string cell(const FeederRows& rows, std::uint64_t row, std::size_t column) {
  std::string out;
  rows.append_cell(row, column, out);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c == '"' ? "\"\"" : std::string(1, c);
  }
  return out + '"';
}

std::string csv_of(const FeederRows& rows) {
  std::string text;
  for (const std::string& column : rows.columns()) {
    text += (text.empty() ? "" : ",") + quoted(column);
  }
  for (std::uint64_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows.columns().size(); ++column) {
      text += (column == 0 ? "\n" : ",") + quoted(cell(rows, row, column));
    }
  }
  return text;
}

void expect_equal(const FeederRows& a, const FeederRows& b) {
  SQUALL_CHECK(a.columns() == b.columns() && a.size() == b.size());
  for (std::uint64_t row = 0; row < a.size(); ++row) {
    for (std::size_t column = 0; column < a.columns().size(); ++column) {
      SQUALL_CHECK(cell(a, row, column) == cell(b, row, column));
    }
  }
}

void check(const Result<FeederRows>& rows, std::size_t size) {
  if (!rows) {
    SQUALL_CHECK(rows.error().where && rows.error().where->line >= 1 &&
                 rows.error().where->line <= size + 1 && rows.error().where->column >= 1);
    return;
  }
  SQUALL_CHECK(rows->size() <= kMaxRows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto csv = plan::parse_csv(text, kFile, kMaxRows);
  check(csv, size);
  if (csv) {
    const auto again = plan::parse_csv(csv_of(*csv), kFile, kMaxRows);
    SQUALL_CHECK(again.has_value());
    expect_equal(*csv, *again);
  }
  check(plan::parse_json_rows(text, kFile, kMaxRows), size);
  check(plan::parse_ndjson_rows(text, kFile, kMaxRows), size);
  return 0;
}
