// Which parameters a SQL query has, told without a database.
#pragma once

#include <string_view>

namespace squall::effects {

enum class SqlDialect { kPostgres, kSqlite };

// The highest N of the `$N` that stand outside of its literals, quoted names and comments; 0: none.
// The database has the last word: whoever asks it compares.
[[nodiscard]] unsigned highest_parameter(std::string_view query, SqlDialect dialect);

}  // namespace squall::effects
