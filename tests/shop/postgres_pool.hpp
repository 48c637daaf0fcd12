// A pool of PostgreSQL connections, with the mistakes that pools are made with.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/shop/postgres.hpp"

namespace squall::shop {

enum class OnQueryError {
  kGiveBack,  // the connection, or its place, is free again
  kLeak,      // only a statement that succeeds gives its connection back
};

struct PostgresSettings {
  std::string url = {};  // empty: no PostgreSQL
  unsigned connections = 20;
  Duration acquire_timeout = std::chrono::milliseconds(250);  // zero: waits for ever
  Duration query_timeout = std::chrono::seconds(2);           // connecting, too; zero: none
  OnQueryError on_error = OnQueryError::kGiveBack;
};

// Opens connections as they are needed, up to the number in the settings. Any thread.
class PostgresPool {
 public:
  explicit PostgresPool(PostgresSettings settings) : settings_(std::move(settings)) {}

  // kExhausted when no connection became free in time, else as PostgresConnection::query.
  [[nodiscard]] Result<PostgresConnection::Rows> query(const std::string& sql,
                                                       const std::vector<std::string>& parameters);
  // As PostgresConnection::execute.
  [[nodiscard]] Result<void> execute(const std::string& sql);

 private:
  // A place in the pool, without a connection until somebody opens one.
  struct Place {
    std::unique_ptr<PostgresConnection> connection;
  };
  [[nodiscard]] Result<Place> acquire();
  void release(Place place);

  PostgresSettings settings_;
  std::mutex mutex_;
  std::condition_variable released_;
  unsigned taken_ = 0;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
};

}  // namespace squall::shop
