// Key tables as Markdown, for the references that are generated into the documentation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/expr/key_spec.hpp"

namespace squall::expr {

// Text for one cell of a Markdown table: bars and line breaks would end it.
[[nodiscard]] std::string markdown_cell(std::string_view text);

// One row for each key (name, value, default, example, meaning) under a header, ending with a
// newline; empty for a table without keys. Pure.
[[nodiscard]] std::string key_table(const TableSpec& table);

// One kind in the index of a reference.
struct IndexRow {
  std::string_view name;
  std::string_view summary;
  std::string_view production_cause;
};

// The index before the sections of a reference, ending with a newline; each name leads to the
// section whose anchor is `anchor_prefix` and the name. `what`: the head of the first column. Pure.
[[nodiscard]] std::string index_table(std::string_view what, std::string_view anchor_prefix,
                                      const std::vector<IndexRow>& rows);

// The same of a registry whose entries have those three.
template <class Entries>
[[nodiscard]] std::string index_table_of(std::string_view what, std::string_view anchor_prefix,
                                         const Entries& entries) {
  std::vector<IndexRow> rows;
  rows.reserve(entries.size());
  for (const auto& entry : entries) {
    rows.push_back({entry.name, entry.summary, entry.production_cause});
  }
  return index_table(what, anchor_prefix, rows);
}

}  // namespace squall::expr
