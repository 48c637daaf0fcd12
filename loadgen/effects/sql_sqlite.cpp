// SQLite as a source: a file, opened for reading alone, whoever else has it open.
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/core.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/base/text.hpp"
#include "loadgen/effects/sql_source.hpp"

namespace squall::effects {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// A query may read and compute. ATTACH and PRAGMA change no table, but they open files and change
// how they are kept: sqlite3_stmt_readonly() would let them through. That the schema is updated is
// how SQLite tells that it declares json_each and its like; it refuses queries that mean it.
int authorize(void* refused, int action, const char* first, const char* /*second*/,
              const char* /*database*/, const char* /*by*/) {
  const bool declares =
      action == SQLITE_UPDATE && first != nullptr && first == std::string_view("sqlite_master");
  if (declares || action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
      action == SQLITE_RECURSIVE) {
    return SQLITE_OK;
  }
  *static_cast<bool*>(refused) = true;
  return SQLITE_DENY;
}

int stop_when_late(void* deadline) {
  return monotonic_now() >= *static_cast<const TimePoint*>(deadline) ? 1 : 0;
}

SqlCell cell_of(sqlite3_stmt* statement, int column) {
  SqlCell cell;
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      cell.type = SqlType::kInteger;
      break;
    case SQLITE_FLOAT:
      cell.type = SqlType::kFloat;
      break;
    case SQLITE_TEXT:
      cell.type = SqlType::kText;
      break;
    case SQLITE_BLOB:
      cell.type = SqlType::kBytes;
      return cell;
    default:
      return cell;
  }
  const unsigned char* const text = sqlite3_column_text(statement, column);
  const int size = sqlite3_column_bytes(statement, column);
  if (text != nullptr && size > 0) {
    // SQLite's bytes are unsigned.
    cell.text = {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
  }
  return cell;
}

class SqliteSource final : public SqlSource {
 public:
  explicit SqliteSource(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] SqlDialect dialect() const override { return SqlDialect::kSqlite; }
  [[nodiscard]] std::string place() const override { return file_; }

  [[nodiscard]] Result<void> start(const std::string& folder) override {
    const std::filesystem::path path = std::filesystem::path(folder) / path_;
    std::error_code error;
    file_ = std::filesystem::absolute(path, error).string();
    return error ? fail(ErrorCode::kIo, "the working directory is not known: " + error.message())
                 : Result<void>();
  }

  [[nodiscard]] Result<void> ask(const SqlQuestion& question, std::span<const std::string> keys,
                                 TimePoint deadline, const SqlRow& on_row) override {
    sqlite3* opened = nullptr;
    const int status = sqlite3_open_v2(file_.c_str(), &opened,
                                       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    const Database database(opened);
    if (status != SQLITE_OK) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("cannot open {}: {}", printable(file_), sqlite3_errstr(status)));
    }
    bool refused = false;
    // What a schema calls (views, defaults) comes from who made the file.
    sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_set_authorizer(opened, authorize, &refused);
    sqlite3_progress_handler(opened, 1000, stop_when_late, &deadline);
    limit_waiting(opened, deadline);
    Result<Statement> statement = prepare(opened, question, refused);
    if (!statement) {
      return fail(statement.error());
    }
    std::string list;
    if (question.asks_keys) {
      list = nlohmann::json(std::vector<std::string>(keys.begin(), keys.end())).dump();
      if (sqlite3_bind_text64(statement->get(), 1, list.data(), list.size(), SQLITE_STATIC,
                              SQLITE_UTF8) != SQLITE_OK) {
        return fail(refused_by(opened, false));
      }
    }
    limit_waiting(opened, deadline);
    return give_rows(opened, **statement, deadline, on_row);
  }

 private:
  static void limit_waiting(sqlite3* database, TimePoint deadline) {
    sqlite3_busy_timeout(database, std::max(milliseconds_left(deadline), 1));
  }

  static Result<Statement> prepare(sqlite3* database, const SqlQuestion& question, bool& refused) {
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    const std::string& query = question.query;
    const int status = sqlite3_prepare_v2(database, query.c_str(),
                                          static_cast<int>(query.size()) + 1, &prepared, &tail);
    Statement statement(prepared);
    if (status != SQLITE_OK) {
      return fail(refused_by(database, refused));
    }
    if (statement != nullptr && sqlite3_stmt_readonly(prepared) == 0) {
      return fail(refused_by(database, true));
    }
    const auto columns = static_cast<std::size_t>(sqlite3_column_count(prepared));
    if (columns != question.columns) {
      return fail(wrong_columns(question.columns, columns));
    }
    const int parameters = sqlite3_bind_parameter_count(prepared);
    if (parameters != (question.asks_keys ? 1 : 0)) {
      return fail(ErrorCode::kMalformed,
                  fmt::format("SQLite sees {} parameters in the query: write the keys asked for as "
                              "$1, or none",
                              parameters));
    }
    if (tail != nullptr && !trim(tail).empty() && trim(tail) != ";") {
      return fail(ErrorCode::kMalformed, "the query is more than one statement");
    }
    return statement;
  }

  static Result<void> give_rows(sqlite3* database, sqlite3_stmt& statement, TimePoint deadline,
                                const SqlRow& on_row) {
    std::vector<SqlCell> cells(static_cast<std::size_t>(sqlite3_column_count(&statement)));
    for (std::size_t row = 0;; ++row) {
      const int status = sqlite3_step(&statement);
      if (status == SQLITE_DONE) {
        return {};
      }
      if (status != SQLITE_ROW) {
        return fail(refused_by(database, false));
      }
      if (row >= kMostSqlRows) {
        return fail(too_many_rows());
      }
      if (monotonic_now() >= deadline) {
        return fail(out_of_time());
      }
      for (std::size_t column = 0; column < cells.size(); ++column) {
        cells[column] = cell_of(&statement, static_cast<int>(column));
      }
      if (Result<void> taken = on_row(cells); !taken) {
        return taken;
      }
    }
  }

  static Error refused_by(sqlite3* database, bool writes) {
    const std::string message = printable(sqlite3_errmsg(database), 400);
    const int code = sqlite3_errcode(database) & 0xff;
    if (writes) {
      return {ErrorCode::kMalformed, "the query must only read: write a SELECT"};
    }
    if (code == SQLITE_INTERRUPT) {
      return out_of_time();
    }
    // A table may be missing because the service has not made it yet; SQLite has no code for that.
    const bool missing = message.starts_with("no such table");
    const bool final = (code == SQLITE_ERROR && !missing) || code == SQLITE_NOTADB ||
                       code == SQLITE_AUTH || code == SQLITE_TOOBIG;
    return {final ? ErrorCode::kMalformed : ErrorCode::kUnavailable,
            "the database refuses: " + message};
  }

  std::string path_;  // as the plan has it
  std::string file_;
};

}  // namespace

Result<std::unique_ptr<SqlSource>> make_sqlite_source(const std::string& url) {
  std::string path = url.substr(std::string_view("sqlite:").size());
  if (path.starts_with("///")) {
    path.erase(0, 2);
  } else if (path.starts_with("//")) {
    return fail(ErrorCode::kInvalidArgument,
                "a file of SQLite is on no other host: write \"sqlite:shop.db\", or "
                "\"sqlite:///var/lib/shop.db\"");
  }
  if (path.empty() || path == "/" || path.starts_with(":memory:") ||
      path.find('\0') != std::string::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "the URL names no file: write \"sqlite:shop.db\", from the plan's folder on, or "
                "\"sqlite:///var/lib/shop.db\"");
  }
  return std::make_unique<SqliteSource>(std::move(path));
}

}  // namespace squall::effects
