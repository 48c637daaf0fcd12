#include "tests/shop/sqlite.hpp"

#include <sqlite3.h>

#include <map>
#include <string_view>

#include <fmt/core.h>

namespace squall::shop {
namespace {

// Other processes may hold the write lock; within this one there is one writing connection
// (Database).
constexpr int kBusyTimeoutMs = 5000;

tl::unexpected<Error> refused(sqlite3* database) {
  return fail(ErrorCode::kIo, fmt::format("database: {}", ::sqlite3_errmsg(database)));
}

// Goes back to its connection, reset, when it is destroyed. `statement` is null when it could not
// be prepared, which SQLite's functions take.
class SqliteStatement final : public StatementBackend {
 public:
  SqliteStatement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  ~SqliteStatement() override {
    if (statement_ != nullptr) {
      ::sqlite3_reset(statement_);
      ::sqlite3_clear_bindings(statement_);
    }
  }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  void bind(std::string_view text) override {
    ::sqlite3_bind_text64(statement_, next_parameter_++, text.data(), text.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8);
  }
  void bind(std::int64_t number) override {
    ::sqlite3_bind_int64(statement_, next_parameter_++, number);
  }
  Result<bool> step() override {
    switch (::sqlite3_step(statement_)) {
      case SQLITE_ROW:
        return true;
      case SQLITE_DONE:
        return false;
      default:
        return refused(database_);
    }
  }
  [[nodiscard]] std::int64_t integer(int column) const override {
    return ::sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] std::string text(int column) const override {
    const unsigned char* bytes = ::sqlite3_column_text(statement_, column);
    const int length = ::sqlite3_column_bytes(statement_, column);
    return bytes == nullptr ? std::string()
                            : std::string(reinterpret_cast<const char*>(bytes),
                                          static_cast<std::size_t>(length));
  }
  [[nodiscard]] bool is_null(int column) const override {
    return ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  int next_parameter_ = 1;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(sqlite3* database)
      : Connection(Dialect::kSqlite), database_(database) {}
  ~SqliteConnection() override {
    for (const auto& [sql, statement] : statements_) {
      ::sqlite3_finalize(statement);
    }
    ::sqlite3_close(database_);
  }
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Statement prepare(const char* sql) override {
    return Statement(std::make_unique<SqliteStatement>(database_, prepared(sql)));
  }
  Result<void> execute(const char* sql) override {
    if (::sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      return refused(database_);
    }
    return {};
  }
  [[nodiscard]] std::int64_t changes() const override { return ::sqlite3_changes64(database_); }
  [[nodiscard]] std::int64_t last_id() override { return ::sqlite3_last_insert_rowid(database_); }

 private:
  sqlite3_stmt* prepared(const char* sql) {
    const auto known = statements_.find(std::string_view(sql));
    if (known != statements_.end()) {
      return known->second;
    }
    sqlite3_stmt* statement = nullptr;
    if (::sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) ==
        SQLITE_OK) {
      statements_.emplace(sql, statement);
    }
    return statement;
  }

  sqlite3* database_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;  // by SQL text
};

}  // namespace

Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, Durability durability) {
  sqlite3* database = nullptr;
  // One thread at a time uses a connection, so SQLite's own mutexes would only cost.
  const int code =
      ::sqlite3_open_v2(path.c_str(), &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto connection = std::make_unique<SqliteConnection>(database);
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

}  // namespace squall::shop
