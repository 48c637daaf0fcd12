// What the sql oracle counts, as a command of psql or sqlite3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loadgen/effects/counts_by_hand.hpp"
#include "loadgen/effects/sql_parameters.hpp"

namespace squall::effects {

struct SqlCount {
  SqlDialect dialect = SqlDialect::kSqlite;
  std::string place;  // PostgreSQL's URL, or the file
  std::string query;
};

// Whoever runs it may say with the variable DATABASE where the database is now. The parameter of
// the query becomes a literal with the token in it.
[[nodiscard]] ShellCount sql_count(const SqlCount& what, std::string_view token,
                                   const CountsByHand::Quote& quote);

// Sums the lines `key<TAB>count` of $rows whose key is $token.
[[nodiscard]] std::string sum_of_rows();

}  // namespace squall::effects
