// SQLite, owned: connections, prepared statements, transactions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "loadgen/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace squall::shop {

// A prepared statement in use; goes back to its connection, reset, when it is destroyed. Borrows
// the connection. A failed bind or a statement that could not be prepared shows at the next step().
class Statement {
 public:
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Gives the next parameter its value.
  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);

  // True: a row is there. False: the statement is done. kIo when the database refused (busy_timeout
  // passed included).
  [[nodiscard]] Result<bool> step();
  // Steps to the end and drops rows.
  [[nodiscard]] Result<void> run();

  // Of the current row; columns count from 0.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  int next_parameter_ = 1;
};

// What a commit survives: kProcess the death of the process (enough for a file that is deleted at
// exit), kPower the host's too.
enum class Durability { kProcess, kPower };

// Owns an SQLite connection in WAL mode. One thread at a time.
class Connection {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& path,
                                                                Durability durability);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Prepared once per connection. REQUIRES: no other Statement of the same text alive.
  [[nodiscard]] Statement prepare(const char* sql);
  // Several statements without parameters.
  [[nodiscard]] Result<void> execute(const char* sql);
  // Rows changed by the last INSERT, UPDATE or DELETE.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::int64_t last_id() const;

 private:
  explicit Connection(sqlite3* database) : database_(database) {}

  sqlite3* database_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;  // by SQL text
};

// A write transaction, rolled back unless it was committed. Borrows the connection.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Takes SQLite's write lock at once, so that a later statement cannot fail for want of it.
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> commit();

 private:
  Connection& connection_;
  bool open_ = false;
};

}  // namespace squall::shop
