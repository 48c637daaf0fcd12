// Parameters of SQL queries, held against SQLite: where it understands a query, both see the same
// ones.
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "loadgen/effects/sql_parameters.hpp"

namespace {

sqlite3* database() {
  static const std::unique_ptr<sqlite3, int (*)(sqlite3*)> kept = [] {
    sqlite3* opened = nullptr;
    if (sqlite3_open(":memory:", &opened) != SQLITE_OK ||
        sqlite3_exec(opened, "create table c (memo text)", nullptr, nullptr, nullptr) !=
            SQLITE_OK) {
      std::abort();
    }
    return std::unique_ptr<sqlite3, int (*)(sqlite3*)>(opened, sqlite3_close);
  }();
  return kept.get();
}

// The highest N of the parameters that SQLite knows as `$N`; `known` tells whether it understands
// the query and has no other kind of parameter.
unsigned highest_of_sqlite(const std::string& query, bool& known) {
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const int status = sqlite3_prepare_v2(database(), query.c_str(), -1, &prepared, &tail);
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
  known = status == SQLITE_OK && prepared != nullptr && *tail == '\0';
  unsigned highest = 0;
  for (int i = 1; known && i <= sqlite3_bind_parameter_count(prepared); ++i) {
    const char* const name = sqlite3_bind_parameter_name(prepared, i);
    const std::string text = name == nullptr ? "" : name;
    known = text.size() > 1 && text.size() < 8 && text[0] == '$' &&
            text.find_first_not_of("0123456789", 1) == std::string::npos;
    if (known) {
      highest =
          std::max(highest, static_cast<unsigned>(std::strtoul(text.c_str() + 1, nullptr, 10)));
    }
  }
  return highest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  (void)squall::effects::highest_parameter(text, squall::effects::SqlDialect::kPostgres);
  const unsigned highest =
      squall::effects::highest_parameter(text, squall::effects::SqlDialect::kSqlite);
  bool known = text.find('\0') == std::string::npos;
  if (known) {
    const unsigned expected = highest_of_sqlite(text, known);
    if (known && highest != expected) {
      std::abort();
    }
  }
  return 0;
}
