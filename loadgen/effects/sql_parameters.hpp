// Which parameters a SQL query has, told without a database.
#pragma once

#include <string>
#include <string_view>

namespace squall::effects {

enum class SqlDialect { kPostgres, kSqlite };

// The highest N of the `$N` that stand outside of its literals, quoted names and comments; 0: none.
// The database has the last word: whoever asks it compares.
[[nodiscard]] unsigned highest_parameter(std::string_view query, SqlDialect dialect);

// The query with `text` in the place of each of them.
[[nodiscard]] std::string with_parameters(std::string_view query, SqlDialect dialect,
                                          std::string_view text);

}  // namespace squall::effects
