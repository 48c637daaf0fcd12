// A database that takes SQL: connections, prepared statements, transactions. SQLite or PostgreSQL.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "loadgen/base/result.hpp"

namespace squall::shop {

// What a database does for a Statement.
class StatementBackend {
 public:
  virtual ~StatementBackend() = default;
  virtual void bind(std::string_view text) = 0;
  virtual void bind(std::int64_t number) = 0;
  [[nodiscard]] virtual Result<bool> step() = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
  [[nodiscard]] virtual std::string text(int column) const = 0;
  [[nodiscard]] virtual bool is_null(int column) const = 0;
};

// A prepared statement in use. Borrows the connection. A failed bind or a statement that could not
// be prepared shows at the next step().
class Statement {
 public:
  explicit Statement(std::unique_ptr<StatementBackend> backend) : backend_(std::move(backend)) {}

  // Gives the next parameter its value.
  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);

  // True: a row is there. False: the statement is done. kIo when the database refused, kUnavailable
  // when it cannot be asked or did not answer, and then nobody knows whether it was carried out.
  [[nodiscard]] Result<bool> step() { return backend_->step(); }
  // Steps to the end and drops rows.
  [[nodiscard]] Result<void> run();

  // Of the current row; columns count from 0.
  [[nodiscard]] std::int64_t integer(int column) const { return backend_->integer(column); }
  [[nodiscard]] std::string text(int column) const { return backend_->text(column); }
  [[nodiscard]] bool is_null(int column) const { return backend_->is_null(column); }

 private:
  std::unique_ptr<StatementBackend> backend_;
};

// Whose SQL a connection speaks.
enum class Dialect { kSqlite, kPostgres };

// One thread at a time.
class Connection {
 public:
  explicit Connection(Dialect dialect) : dialect_(dialect) {}
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Dialect dialect() const { return dialect_; }

  // In the words that both databases share, with the parameters ? or ?1, ?2 … REQUIRES: `sql`
  // outlives the connection; no other Statement of the same text alive.
  [[nodiscard]] virtual Statement prepare(const char* sql) = 0;
  // Several statements without parameters.
  [[nodiscard]] virtual Result<void> execute(const char* sql) = 0;
  // Rows changed by the last INSERT, UPDATE or DELETE.
  [[nodiscard]] virtual std::int64_t changes() const = 0;
  // Of the row that the last INSERT made. REQUIRES: it succeeded.
  [[nodiscard]] virtual std::int64_t last_id() = 0;
  // Before a new user: connects again if the connection was lost. What fails shows at the next
  // statement.
  virtual void make_ready() {}

 private:
  Dialect dialect_;
};

// A write transaction, rolled back unless it was committed. Borrows the connection.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // SQLite: takes the write lock at once, so that a later statement cannot fail for want of it.
  // PostgreSQL: others write meanwhile, and statements see what they have committed.
  [[nodiscard]] Result<void> begin();
  // A failure with kUnavailable leaves open whether it was committed.
  [[nodiscard]] Result<void> commit();

 private:
  Connection& connection_;
  bool open_ = false;
};

}  // namespace squall::shop
