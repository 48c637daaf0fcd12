#include "tests/shop/uploads.hpp"

#include <cstdio>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "loadgen/base/crypto.hpp"
#include "loadgen/base/encoding.hpp"
#include "tests/shop/storage.hpp"

namespace squall::shop {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr Duration kPause = std::chrono::milliseconds(200);  // after a database error

std::string upload_json(const std::string& id, const std::string& state) {
  const nlohmann::ordered_json json = {{"upload", id}, {"state", state}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string sha256_hex(const std::string& bytes) {
  std::string digits;
  append_hex(digest_of(DigestKind::kSha256, bytes).bytes(), digits);
  return digits;
}

bool is_name(const std::optional<std::string>& text) {
  return text && !text->empty() && text->size() <= kLongestName &&
         text->find('\0') == std::string::npos;
}

// REQUIRES: within a transaction, when something else must happen with it.
Result<std::int64_t> insert_object(Connection& writer, const std::string& name,
                                   const std::string& bytes, const std::string& digest) {
  return writer.prepare("INSERT INTO objects(name, bytes, digest) VALUES(?, ?, ?)")
      .bind(name)
      .bind(static_cast<std::int64_t>(bytes.size()))
      .bind(digest)
      .run()
      .map([&] { return writer.last_id(); });
}

}  // namespace

// objects: no constraint on the name, a second object must be able to happen. uploads: the primary
// key is what only one request can insert.
const char* Uploads::schema() {
  return R"(
CREATE TABLE IF NOT EXISTS objects(
  seq INTEGER PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS uploads(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, content TEXT, digest TEXT NOT NULL,
  state TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_by_state ON uploads(state);
)";
}

Uploads::Uploads(UploadsMode mode, Database& database, Role& role)
    : mode_(mode), database_(database), role_(role), worker_([this] { work(); }) {}

Uploads::~Uploads() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

Answer Uploads::accept(const Call& call) {
  const std::optional<std::string> name = call.query("name");
  const std::optional<std::string> bytes = call.part("file");
  if (!is_name(name) || !bytes) {
    return problem(400, "an upload has a name in its query, and a form with the part \"file\"");
  }
  if (mode_ == UploadsMode::kSync) {
    return store_now(*name, *bytes, call);
  }
  const std::optional<std::string> id = call.header("Upload-Id");
  if (!is_name(id)) {
    return problem(400, "an upload is named by its Upload-Id");
  }
  return keep(*id, *name, *bytes, call);
}

Answer Uploads::store_now(const std::string& name, const std::string& bytes, const Call& call) {
  const std::string digest = sha256_hex(bytes);
  Result<std::int64_t> seq = 0;
  {
    const Database::WriteLease writer = database_.write();
    seq = insert_object(*writer, name, bytes, digest);
  }
  if (!seq) {
    return database_refused(seq.error(), call, role_);
  }
  const nlohmann::ordered_json json = {
      {"object", "obj_" + std::to_string(*seq)}, {"bytes", bytes.size()}, {"digest", digest}};
  return {201, json.dump()};
}

Answer Uploads::keep(const std::string& id, const std::string& name, const std::string& bytes,
                     const Call& call) {
  const std::string digest = sha256_hex(bytes);
  std::string state;
  bool same = true;
  {
    const Database::WriteLease writer = database_.write();
    const Result<void> kept = writer
                                  ->prepare(
                                      "INSERT INTO uploads(id, name, content, digest, state) "
                                      "VALUES(?, ?, ?, ?, 'waiting') ON CONFLICT(id) DO NOTHING")
                                  .bind(id)
                                  .bind(name)
                                  .bind(bytes)
                                  .bind(digest)
                                  .run();
    if (!kept) {
      return database_refused(kept.error(), call, role_);
    }
    Statement statement = writer->prepare("SELECT state, digest FROM uploads WHERE id = ?");
    if (const Result<bool> found = statement.bind(id).step(); !found) {
      return database_refused(found.error(), call, role_);
    }
    state = statement.text(0);
    same = statement.text(1) == digest;
  }
  if (!same) {
    return problem(422, "this upload had other bytes");
  }
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
  }
  changed_.notify_all();
  return {202, upload_json(id, state)};
}

Answer Uploads::look(const Call& call) {
  const std::string id = call.group(1);
  const Database::ReadLease reader = database_.read();
  Statement statement = reader->prepare("SELECT state FROM uploads WHERE id = ?");
  const Result<bool> found = statement.bind(id).step();
  if (!found) {
    return database_refused(found.error(), call, role_);
  }
  return *found ? Answer{200, upload_json(id, statement.text(0))} : problem(404, "no such upload");
}

Answer Uploads::objects(const Call& call) {
  return list_tokens(call, database_,
                     "SELECT seq, name FROM objects WHERE seq > ? ORDER BY seq LIMIT ?", role_);
}

void Uploads::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    changed_.wait(lock, [this] { return ending_ || news_; });
    news_ = false;
    lock.unlock();
    Result<bool> stored = true;
    while (stored && *stored) {
      stored = store_next();
    }
    lock.lock();
    if (!stored) {
      role_.metrics().database_error();
      role_.log().error("database error", nullptr, {{"error", stored.error().message}});
      changed_.wait_for(lock, kPause, [this] { return ending_; });
      news_ = true;
    }
  }
}

Result<bool> Uploads::store_next() {
  const Database::WriteLease writer = database_.write();
  Transaction transaction(*writer);
  if (const Result<void> begun = transaction.begin(); !begun) {
    return fail(begun.error());
  }
  std::string id;
  Result<std::int64_t> object = 0;
  {
    Statement waiting = writer->prepare(
        "SELECT id, name, content, digest FROM uploads WHERE state = 'waiting' LIMIT 1");
    const Result<bool> found = waiting.step();
    if (!found || !*found) {
      return found;
    }
    id = waiting.text(0);
    object = insert_object(*writer, waiting.text(1), waiting.text(2), waiting.text(3));
  }
  return object
      .and_then([&](std::int64_t) {
        return writer->prepare("UPDATE uploads SET state = 'stored', content = NULL WHERE id = ?")
            .bind(id)
            .run();
      })
      .and_then([&] { return transaction.commit(); })
      .map([] { return true; });
}

int run_uploads(const UploadsOptions& options) {
  Role role("uploads", options.http, options.log_level);
  const Result<OwnStorage> storage = open_own_storage(options.database_file, Uploads::schema());
  if (!storage) {
    fmt::print(stderr, "squall-shop: --db: {}\n", storage.error().message);
    return 1;
  }
  Uploads uploads(options.mode, *storage->database, role);
  using Method = HttpService::Method;
  HttpService& http = role.http();
  http.route(Method::kPost, "/uploads", "/uploads",
             [&](const Call& call) { return uploads.accept(call); });
  http.route(Method::kGet, "/uploads/([^/]{1,200})", "/uploads/{id}",
             [&](const Call& call) { return uploads.look(call); });
  http.route(Method::kGet, "/objects", "/objects",
             [&](const Call& call) { return uploads.objects(call); });
  http.route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
