#include "loadgen/effects/sql_count.hpp"

#include <fmt/core.h>

namespace squall::effects {
namespace {

// The list of keys that the oracle would give as the parameter.
std::string list_of(std::string_view token, SqlDialect dialect) {
  return dialect == SqlDialect::kSqlite ? fmt::format("json_array('{}')", token)
                                        : fmt::format("'{{\"{}\"}}'", token);
}

}  // namespace

std::string sum_of_rows() {
  return R"sh(printf '%s\n' "$rows" | token=$token awk -F '\t' '$1 "" == ENVIRON["token"] "" { n += $NF } END { print n + 0 }'
)sh";
}

ShellCount sql_count(const SqlCount& what, std::string_view token,
                     const CountsByHand::Quote& quote) {
  const std::string query = with_parameters(what.query, what.dialect, list_of(token, what.dialect));
  const std::string ask =
      what.dialect == SqlDialect::kSqlite
          ? std::string(R"sh(sqlite3 -readonly -batch -noheader -cmd '.timeout 5000' )sh"
                        R"sh(-separator "$(printf '\t')" "$database" )sh")
          : std::string(R"sh(PGOPTIONS='-c default_transaction_read_only=on' )sh"
                        R"sh(psql -X -q -A -t -F "$(printf '\t')" -v ON_ERROR_STOP=1 )sh"
                        R"sh(-d "$database" -c )sh");
  return {.lines = fmt::format("database=${{DATABASE:-{}}}\nrows=$({}{}) || return\n{}",
                               quote(what.place), ask, quote(query), sum_of_rows()),
          .programs = {what.dialect == SqlDialect::kSqlite ? "sqlite3" : "psql", "awk"}};
}

}  // namespace squall::effects
