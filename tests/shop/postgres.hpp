// Statements on a PostgreSQL server.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/base/result.hpp"
#include "loadgen/base/time.hpp"

struct pg_conn;

namespace squall::shop {

struct PostgresReply {
  std::vector<std::vector<std::optional<std::string>>> rows;  // NULL is empty
  std::int64_t changed = 0;                                   // by INSERT, UPDATE or DELETE
};

// A connection. One thread at a time. After a failure it is of no more use, but for a statement
// that the server refused. `timeout`s: zero waits for ever.
class PostgresConnection {
 public:
  // `url`: "postgresql://user@127.0.0.1:5432/shop", or libpq's key=value form.
  [[nodiscard]] static Result<std::unique_ptr<PostgresConnection>> open(const std::string& url,
                                                                        Duration timeout);

  // kMalformed when the server refused the statement, kUnavailable when it did not answer.
  [[nodiscard]] Result<PostgresReply> ask(const std::string& sql,
                                          const std::vector<std::string>& parameters,
                                          Duration timeout);
  // The rows as texts, NULL as an empty one; else as ask().
  using Rows = std::vector<std::vector<std::string>>;
  [[nodiscard]] Result<Rows> query(const std::string& sql,
                                   const std::vector<std::string>& parameters, Duration timeout);
  // Several statements without parameters, in one transaction. Waits for ever.
  [[nodiscard]] Result<void> execute(const std::string& sql);

 private:
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  explicit PostgresConnection(pg_conn* connection) : connection_(connection) {}
  [[nodiscard]] Result<void> finish_connecting(std::optional<TimePoint> deadline);
  [[nodiscard]] Result<void> wait_for(short events, std::optional<TimePoint> deadline);
  [[nodiscard]] Error error() const;

  std::unique_ptr<pg_conn, Closer> connection_;
};

}  // namespace squall::shop
