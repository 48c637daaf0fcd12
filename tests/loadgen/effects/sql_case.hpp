// The sql oracle in use, and databases for it to read.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/loadgen/effects/oracle_case.hpp"
#include "tests/support/files.hpp"

struct sqlite3;
struct pg_conn;

namespace squall::effects {

inline std::string sql_table(std::string_view url, std::string_view query) {
  return "url = '''" + std::string(url) + "'''\nquery = '''" + std::string(query) + "'''\n";
}

// An oracle that was started; its plan stands in `folder`.
inline std::unique_ptr<model::Oracle> sql_oracle(std::string_view url, std::string_view query,
                                                 const std::string& folder = "/") {
  CompiledOracle compiled = compile("sql", sql_table(url, query));
  EXPECT_EQ(compiled.problems, "");
  model::OracleContext context;
  context.working_directory = folder;
  const auto started = compiled.oracle->start(context);
  EXPECT_TRUE(started) << to_string(started.error());
  return std::move(compiled.oracle);
}

// Somebody else's connection to an SQLite file, who may write.
class SqliteWriter {
 public:
  explicit SqliteWriter(const std::string& path);
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;
  void run(const std::string& statements) const;

 private:
  sqlite3* database_ = nullptr;
};

// The same for PostgreSQL.
class PostgresWriter {
 public:
  explicit PostgresWriter(const std::string& url);
  ~PostgresWriter();
  PostgresWriter(const PostgresWriter&) = delete;
  PostgresWriter& operator=(const PostgresWriter&) = delete;
  // The first value of the last result; empty when there is none.
  std::string run(const std::string& statements) const;

 private:
  pg_conn* connection_ = nullptr;
};

}  // namespace squall::effects
