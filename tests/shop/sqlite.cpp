#include "tests/shop/sqlite.hpp"

#include <sqlite3.h>

#include <fmt/core.h>

namespace squall::shop {
namespace {

// Other processes may hold the write lock; within this one a mutex does (Database).
constexpr int kBusyTimeoutMs = 5000;

tl::unexpected<Error> refused(sqlite3* database) {
  return fail(ErrorCode::kIo, fmt::format("database: {}", ::sqlite3_errmsg(database)));
}

}  // namespace

Statement::~Statement() {
  if (statement_ != nullptr) {
    ::sqlite3_reset(statement_);
    ::sqlite3_clear_bindings(statement_);
  }
}

Statement& Statement::bind(std::string_view text) {
  ::sqlite3_bind_text64(statement_, next_parameter_++, text.data(), text.size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(std::int64_t number) {
  ::sqlite3_bind_int64(statement_, next_parameter_++, number);
  return *this;
}

Result<bool> Statement::step() {
  switch (::sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return refused(database_);
  }
}

Result<void> Statement::run() {
  while (true) {
    const Result<bool> row = step();
    if (!row) {
      return fail(row.error());
    }
    if (!*row) {
      return {};
    }
  }
}

std::int64_t Statement::integer(int column) const {
  return ::sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
  const unsigned char* bytes = ::sqlite3_column_text(statement_, column);
  const int length = ::sqlite3_column_bytes(statement_, column);
  return bytes == nullptr
             ? std::string()
             : std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

bool Statement::is_null(int column) const {
  return ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path,
                                                     Durability durability) {
  sqlite3* database = nullptr;
  // One thread at a time uses a connection, so SQLite's own mutexes would only cost.
  const int code =
      ::sqlite3_open_v2(path.c_str(), &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Connection> connection(new Connection(database));
  if (code != SQLITE_OK) {
    return fail(ErrorCode::kIo, fmt::format("cannot open {}: {}", path, ::sqlite3_errstr(code)));
  }
  ::sqlite3_busy_timeout(database, kBusyTimeoutMs);
  const char* settings = durability == Durability::kPower
                             ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                             : "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;";
  if (Result<void> set = connection->execute(settings); !set) {
    return fail(with_context(set.error(), path));
  }
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) {
    ::sqlite3_finalize(statement);
  }
  ::sqlite3_close(database_);
}

Statement Connection::prepare(const char* sql) {
  const auto known = statements_.find(std::string_view(sql));
  if (known != statements_.end()) {
    return {database_, known->second};
  }
  sqlite3_stmt* statement = nullptr;
  if (::sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) ==
      SQLITE_OK) {
    statements_.emplace(sql, statement);
  }
  return {database_, statement};
}

Result<void> Connection::execute(const char* sql) {
  if (::sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return refused(database_);
  }
  return {};
}

std::int64_t Connection::changes() const {
  return ::sqlite3_changes64(database_);
}

std::int64_t Connection::last_id() const {
  return ::sqlite3_last_insert_rowid(database_);
}

Transaction::~Transaction() {
  if (open_) {
    static_cast<void>(connection_.prepare("ROLLBACK").run());
  }
}

Result<void> Transaction::begin() {
  Result<void> begun = connection_.prepare("BEGIN IMMEDIATE").run();
  open_ = begun.has_value();
  return begun;
}

Result<void> Transaction::commit() {
  Result<void> committed = connection_.prepare("COMMIT").run();
  open_ = !committed.has_value();
  return committed;
}

}  // namespace squall::shop
