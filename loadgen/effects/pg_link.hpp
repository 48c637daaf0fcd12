// One connection to PostgreSQL through libpq that never waits beyond its deadline.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"
#include "loadgen/effects/sql_source.hpp"

struct pg_conn;
struct pg_result;

namespace squall::effects {

// Owns the connection. After an error it is of no more use. One thread. Messages of the server come
// printable, without the password.
class PgLink {
 public:
  // Keywords and values as libpq knows them.
  using Settings = std::vector<std::pair<std::string, std::string>>;

  // kUnavailable when there is no connection by the deadline, which holds for all that follows too.
  // What libpq asks the resolver for is not bound by it.
  [[nodiscard]] static Result<PgLink> connect(const Settings& settings, TimePoint deadline);

  // Statements without parameters, whose rows are dropped.
  [[nodiscard]] Result<void> run(const std::string& statements);
  // The first value of the first row of a query that is squall's own.
  [[nodiscard]] Result<std::string> value_of(const std::string& query);

  struct Prepared {
    std::size_t parameters = 0;
    unsigned first_type = 0;  // the object id of the first one's type
    std::size_t columns = 0;
  };
  // The unnamed statement, which rows() then executes.
  [[nodiscard]] Result<Prepared> prepare(const std::string& query);
  [[nodiscard]] Result<void> rows(const std::optional<std::string>& parameter,
                                  const SqlRow& on_row);

 private:
  struct CloseConnection {
    void operator()(pg_conn* connection) const;
  };
  struct ClearResult {
    void operator()(pg_result* result) const;
  };
  using ResultPtr = std::unique_ptr<pg_result, ClearResult>;

  PgLink(pg_conn* connection, TimePoint deadline) : connection_(connection), deadline_(deadline) {}

  [[nodiscard]] Result<void> finish_connect();
  [[nodiscard]] Result<void> wait(bool for_write);
  [[nodiscard]] Result<void> flush();
  // The next result of what was sent; nullptr behind the last one.
  [[nodiscard]] Result<ResultPtr> next_result();
  // After PQsend…() returned `sent`: the results, of which none may have failed.
  [[nodiscard]] Result<std::vector<ResultPtr>> results_of(int sent);
  [[nodiscard]] static Result<std::size_t> give_rows(const pg_result& result, const SqlRow& on_row);
  [[nodiscard]] Error broken() const;
  [[nodiscard]] Error refused(const pg_result& result) const;
  [[nodiscard]] std::string told(const char* message) const;

  std::unique_ptr<pg_conn, CloseConnection> connection_;
  TimePoint deadline_;
};

}  // namespace squall::effects
