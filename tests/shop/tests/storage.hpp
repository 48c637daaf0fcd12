// Databases for tests that hold on SQLite and on PostgreSQL.
#pragma once

#include <string>

#include "tests/support/files.hpp"

namespace squall::shop::testing {

enum class StorageKind { kSqlite, kPostgres };
// "sqlite", "postgres": for names of tests.
[[nodiscard]] std::string name_of(StorageKind kind);

// An empty database of its own. PostgreSQL: on one server for all tests of the program.
class Storage {
 public:
  explicit Storage(StorageKind kind);

  // For --db and Database::open().
  [[nodiscard]] const std::string& place() const { return place_; }

 private:
  test::TestDirectory directory_;
  std::string place_;
};

}  // namespace squall::shop::testing
