// The shop's database: a few connections to SQLite or PostgreSQL.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/shop/sql.hpp"
#include "tests/shop/sqlite.hpp"

namespace squall::shop {

// Owns the connections. Any thread. SQLite lets one connection write at a time and makes the others
// poll for the lock; within a process a queue is fairer and quicker, so there is one writing
// connection to it, and several to PostgreSQL. Between two uses of a connection anything may
// happen: what must be atomic is one Transaction.
class Database {
 private:
  // Connections that nobody uses.
  class Pool {
   public:
    void put(std::unique_ptr<Connection> connection);
    // Waits until there is one.
    [[nodiscard]] std::unique_ptr<Connection> take();

   private:
    std::mutex mutex_;
    std::condition_variable came_back_;
    std::vector<std::unique_ptr<Connection>> idle_;
  };

 public:
  // `place`: a file for SQLite, or the URL of a PostgreSQL database. Makes file and tables when
  // they are missing.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& place,
                                                              Durability durability);

  // A connection for as long as the lease lives.
  class Lease {
   public:
    explicit Lease(Pool& pool) : pool_(pool), connection_(pool.take()) {}
    ~Lease() { pool_.put(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
  };
  using WriteLease = Lease;
  using ReadLease = Lease;

  // A connection that may write. Waits for its turn.
  [[nodiscard]] WriteLease write() { return Lease(writers_); }
  // One for reading. Waits until one is free.
  [[nodiscard]] ReadLease read() { return Lease(readers_); }

 private:
  Database() = default;

  Pool writers_;
  Pool readers_;
};

}  // namespace squall::shop
