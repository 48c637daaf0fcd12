#include "tests/shop/sql.hpp"

namespace squall::shop {

Statement& Statement::bind(std::string_view text) {
  backend_->bind(text);
  return *this;
}

Statement& Statement::bind(std::int64_t number) {
  backend_->bind(number);
  return *this;
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

Transaction::~Transaction() {
  if (open_) {
    static_cast<void>(connection_.prepare("ROLLBACK").run());
  }
}

Result<void> Transaction::begin() {
  Result<void> begun =
      connection_.prepare(connection_.dialect() == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN")
          .run();
  open_ = begun.has_value();
  return begun;
}

Result<void> Transaction::commit() {
  Result<void> committed = connection_.prepare("COMMIT").run();
  open_ = !committed.has_value();
  return committed;
}

}  // namespace squall::shop
