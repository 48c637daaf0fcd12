// A database that a plan names by URL: asked one question at a time, never written to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/effects/sql_parameters.hpp"
#include "loadgen/model/oracle.hpp"

namespace squall::effects {

enum class SqlType { kNull, kInteger, kDecimal, kFloat, kText, kBytes };
[[nodiscard]] std::string_view to_string(SqlType type);  // "NULL", "integer", "decimal"…

// One value of a row, as the text that the database writes. Valid until the next row.
struct SqlCell {
  SqlType type = SqlType::kNull;
  std::string_view text;  // empty for NULL
};

struct SqlQuestion {
  std::string query;
  // Whether it has the one parameter `$1`: the list of keys that are asked for.
  bool asks_keys = false;
  std::size_t columns = 0;  // that its rows must have
};

// Gets one row after the other. What it fails with ends the question.
using SqlRow = std::function<Result<void>(std::span<const SqlCell> row)>;

// One thread. Holds a connection only while it answers, so that it takes none of the service's
// while load runs, and each question finds out anew whether the database is there.
class SqlSource {
 public:
  virtual ~SqlSource() = default;

  // Where the connections go; the key of each is "url". Empty for a file or a Unix socket.
  [[nodiscard]] virtual std::vector<model::OracleHost> hosts() const { return {}; }
  // What is to be hidden of the URL: its password. Empty when it has none.
  [[nodiscard]] virtual std::string password() const { return {}; }
  [[nodiscard]] virtual SqlDialect dialect() const = 0;
  // Where it is, for a person with the database's own command: a URL, which may hold secrets, or,
  // once started, a file.
  [[nodiscard]] virtual std::string place() const = 0;
  // Before the first question: `folder` is where relative paths start; empty: squall's own.
  [[nodiscard]] virtual Result<void> start(const std::string& folder) = 0;
  // Answers before the deadline. kUnavailable when it may be asked again; kMalformed when the query
  // is refused, would write, or gives other columns; kExhausted for too many rows. `keys` are text
  // without NUL bytes, in UTF-8.
  [[nodiscard]] virtual Result<void> ask(const SqlQuestion& question,
                                         std::span<const std::string> keys, TimePoint deadline,
                                         const SqlRow& on_row) = 0;
};

// By the scheme of `url`: postgres: or postgresql: (libpq), sqlite: (a file). kInvalidArgument
// without anything of the URL that may be secret.
[[nodiscard]] Result<std::unique_ptr<SqlSource>> make_sql_source(const std::string& url);

// The two kinds.
[[nodiscard]] Result<std::unique_ptr<SqlSource>> make_postgres_source(const std::string& url);
[[nodiscard]] Result<std::unique_ptr<SqlSource>> make_sqlite_source(const std::string& url);

// Whether a query that stands in a plan asks for keys; kInvalidArgument when it cannot work with
// that kind of database.
[[nodiscard]] Result<bool> asks_keys(std::string_view query, SqlDialect dialect);

// More rows than that are no answer that squall can hold: kExhausted.
inline constexpr std::size_t kMostSqlRows = 10'000'000;

// What is told when a query gives another number of columns than its question has.
[[nodiscard]] Error wrong_columns(std::size_t wanted, std::size_t given);
[[nodiscard]] Error too_many_rows();
[[nodiscard]] Error out_of_time();
// Until the deadline, rounded up; 0 when it is over.
[[nodiscard]] int milliseconds_left(TimePoint deadline);

}  // namespace squall::effects
