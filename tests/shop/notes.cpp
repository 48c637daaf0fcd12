#include "tests/shop/notes.hpp"

#include <cstdio>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/storage.hpp"

namespace squall::shop {

const char* Notes::schema() {
  return "CREATE TABLE IF NOT EXISTS notes(seq INTEGER PRIMARY KEY, token TEXT NOT NULL);";
}

Notes::Notes(const NotesSettings& settings, Database& database, Role& role)
    : settings_(settings), database_(database), role_(role), worker_([this] { work(); }) {}

Notes::~Notes() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

Answer Notes::write(const Call& call) {
  const Result<std::string> token = parse_object(call.body()).and_then([](const auto& json) {
    return text_field(json, "token");
  });
  if (!token) {
    return problem(400, token.error().message);
  }
  if (settings_.ack == NotesAck::kMemory) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(*token);
  } else if (const Result<void> committed = commit({*token}); !committed) {
    return database_refused(committed.error(), call, role_);
  }
  const nlohmann::ordered_json json = {{"token", *token}};
  return {201, json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)};
}

Answer Notes::list(const Call& call) {
  return list_tokens(call, database_,
                     "SELECT seq, token FROM notes WHERE seq > ? ORDER BY seq LIMIT ?", role_);
}

void Notes::work() {
  std::unique_lock lock(mutex_);
  bool last_round = false;
  while (!last_round) {
    changed_.wait_for(lock, settings_.flush, [this] { return ending_; });
    last_round = ending_;
    std::vector<std::string> batch = std::move(waiting_);
    waiting_.clear();
    lock.unlock();
    const Result<void> committed = commit(batch);
    lock.lock();
    if (!committed) {
      role_.metrics().database_error();
      role_.log().error("database error", nullptr, {{"error", committed.error().message}});
      batch.insert(batch.end(), waiting_.begin(), waiting_.end());
      waiting_ = std::move(batch);
    }
  }
}

Result<void> Notes::commit(const std::vector<std::string>& tokens) {
  if (tokens.empty()) {
    return {};
  }
  const Database::WriteLease writer = database_.write();
  Transaction transaction(*writer);
  Result<void> done = transaction.begin();
  for (const std::string& token : tokens) {
    done = done.and_then(
        [&] { return writer->prepare("INSERT INTO notes(token) VALUES(?)").bind(token).run(); });
  }
  return done.and_then([&] { return transaction.commit(); });
}

int run_notes(const NotesOptions& options) {
  Role role("notes", options.http, options.log_level);
  const Result<OwnStorage> storage = open_own_storage(options.database_file, Notes::schema());
  if (!storage) {
    fmt::print(stderr, "squall-shop: --db: {}\n", storage.error().message);
    return 1;
  }
  Notes notes(options.notes, *storage->database, role);
  using Method = HttpService::Method;
  HttpService& http = role.http();
  http.route(Method::kPost, "/notes", "/notes",
             [&](const Call& call) { return notes.write(call); });
  http.route(Method::kGet, "/notes", "/notes", [&](const Call& call) { return notes.list(call); });
  http.route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
