#include "tests/shop/database.hpp"

namespace squall::shop {
namespace {

// effects: what the shop did, one row per payment, sale or refund; no constraint on the token,
// duplicates must be able to happen; the operation is one of an attempt that keeps count, or NULL.
// answers: of the racy shop; its key is indexed but not unique, which is the defect. claims: of
// the shops that claim keys; the primary key is what only one request can insert.
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS effects(
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, token TEXT NOT NULL, amount INTEGER NOT NULL,
  subject TEXT NOT NULL, charge TEXT NOT NULL, caller TEXT NOT NULL, memo TEXT NOT NULL,
  cancelled INTEGER NOT NULL, operation TEXT UNIQUE);
CREATE INDEX IF NOT EXISTS effects_by_token ON effects(token);
CREATE TABLE IF NOT EXISTS answers(
  seq INTEGER PRIMARY KEY, caller TEXT NOT NULL, endpoint TEXT NOT NULL, key TEXT NOT NULL,
  request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, stored_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS answers_by_key ON answers(key);
CREATE TABLE IF NOT EXISTS claims(
  caller TEXT NOT NULL, endpoint TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL,
  operation TEXT NOT NULL, owner TEXT NOT NULL, created_ms INTEGER NOT NULL,
  claimed_ms INTEGER NOT NULL, results TEXT NOT NULL, status INTEGER, body TEXT,
  PRIMARY KEY(caller, endpoint, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock(
  item TEXT PRIMARY KEY, quantity INTEGER NOT NULL, sold INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions(
  sid TEXT PRIMARY KEY, user TEXT NOT NULL, canary TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS imports(
  id INTEGER PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS imports_by_state ON imports(state, id);
CREATE TABLE IF NOT EXISTS leases(
  name TEXT PRIMARY KEY, holder TEXT NOT NULL, token INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL) WITHOUT ROWID;
)";

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Durability durability) {
  std::unique_ptr<Database> database(new Database);
  Result<std::unique_ptr<Connection>> writer = Connection::open(path, durability);
  if (!writer) {
    return fail(writer.error());
  }
  database->writer_ = std::move(*writer);
  if (Result<void> made = database->writer_->execute(kSchema); !made) {
    return fail(with_context(made.error(), path));
  }
  for (std::size_t i = 0; i < kReaders; ++i) {
    Result<std::unique_ptr<Connection>> reader = Connection::open(path, durability);
    if (!reader) {
      return fail(reader.error());
    }
    database->readers_.push_back(std::move(*reader));
  }
  return database;
}

Database::WriteLease Database::write() {
  return {std::unique_lock(write_mutex_), *writer_};
}

Database::ReadLease Database::read() {
  std::unique_lock lock(readers_mutex_);
  reader_came_back_.wait(lock, [this] { return !readers_.empty(); });
  std::unique_ptr<Connection> connection = std::move(readers_.back());
  readers_.pop_back();
  return {*this, std::move(connection)};
}

Database::ReadLease::~ReadLease() {
  {
    const std::lock_guard lock(database_.readers_mutex_);
    database_.readers_.push_back(std::move(connection_));
  }
  database_.reader_came_back_.notify_one();
}

}  // namespace squall::shop
