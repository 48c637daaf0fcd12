#include "loadgen/effects/sql_source.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"

namespace squall::effects {

std::string_view to_string(SqlType type) {
  switch (type) {
    case SqlType::kNull:
      return "NULL";
    case SqlType::kInteger:
      return "integer";
    case SqlType::kDecimal:
      return "decimal";
    case SqlType::kFloat:
      return "float";
    case SqlType::kText:
      return "text";
    case SqlType::kBytes:
      return "bytes";
  }
  return "";
}

Result<std::unique_ptr<SqlSource>> make_sql_source(const std::string& url) {
  const std::string scheme = url.substr(0, std::min(url.find(':'), url.size()));
  if (scheme == "postgres" || scheme == "postgresql") {
    return make_postgres_source(url);
  }
  if (scheme == "sqlite") {
    return make_sqlite_source(url);
  }
  return fail(ErrorCode::kInvalidArgument,
              "a database is named by its URL: \"postgresql://user@host:5432/database\" or "
              "\"sqlite:shop.db\"");
}

Result<bool> asks_keys(std::string_view query, SqlDialect dialect) {
  if (trim(query).empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "a query is needed: \"select memo, count(*) from charges group by memo\"");
  }
  if (query.find("{{key}}") != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "a query is sent once for all keys: write $1 for their list, not {{key}}");
  }
  const unsigned parameters = highest_parameter(query, dialect);
  if (parameters > 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("nobody gives ${} a value: the one parameter is $1, the keys asked for",
                            parameters));
  }
  // Without it no key would be found: SQLite compares the whole list as one text.
  if (parameters == 1 && dialect == SqlDialect::kSqlite &&
      to_lower(query).find("json_each") == std::string::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "in SQLite $1 is the keys as one JSON array: write \"where memo in (select value "
                "from json_each($1))\"");
  }
  return parameters == 1;
}

Error wrong_columns(std::size_t wanted, std::size_t given) {
  const std::string_view must = wanted == 1
                                    ? "it must be a SELECT of one column, a number"
                                    : "it must be a SELECT of two columns, the key and the number "
                                      "of its effects";
  return {ErrorCode::kMalformed, given == 0
                                     ? fmt::format("the query gives no rows: {}", must)
                                     : fmt::format("the query gives {} columns: {}", given, must)};
}

Error too_many_rows() {
  return {ErrorCode::kExhausted,
          fmt::format("the query gives more than {} rows: ask for fewer, for example for those of "
                      "this run",
                      kMostSqlRows)};
}

Error out_of_time() {
  return {ErrorCode::kUnavailable, "the time for this reading is up"};
}

int milliseconds_left(TimePoint deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - monotonic_now());
  return static_cast<int>(
      std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace squall::effects
