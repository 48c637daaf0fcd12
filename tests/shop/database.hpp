// The shop's database: one writing connection, a few reading ones.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/shop/sqlite.hpp"

namespace squall::shop {

// Owns the connections. Any thread. SQLite lets one connection write at a time and makes the others
// poll for the lock; within a process a mutex is fairer and quicker, so there is one writing
// connection. Between two uses of it anything may happen: what must be atomic is one Transaction.
class Database {
 public:
  static constexpr std::size_t kReaders = 8;

  // Makes the file and its tables when they are missing.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                              Durability durability);

  // The writing connection for as long as the lease lives. Waits for its turn.
  class WriteLease {
   public:
    WriteLease(std::unique_lock<std::mutex> lock, Connection& connection)
        : lock_(std::move(lock)), connection_(connection) {}
    Connection& operator*() const { return connection_; }
    Connection* operator->() const { return &connection_; }

   private:
    std::unique_lock<std::mutex> lock_;
    Connection& connection_;
  };
  [[nodiscard]] WriteLease write();

  // A reading connection for as long as the lease lives. Waits until one is free.
  class ReadLease {
   public:
    ReadLease(Database& database, std::unique_ptr<Connection> connection)
        : database_(database), connection_(std::move(connection)) {}
    ~ReadLease();
    ReadLease(const ReadLease&) = delete;
    ReadLease& operator=(const ReadLease&) = delete;
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    Database& database_;
    std::unique_ptr<Connection> connection_;
  };
  [[nodiscard]] ReadLease read();

 private:
  Database() = default;

  std::mutex write_mutex_;
  std::unique_ptr<Connection> writer_;
  std::mutex readers_mutex_;
  std::condition_variable reader_came_back_;
  std::vector<std::unique_ptr<Connection>> readers_;
};

}  // namespace squall::shop
