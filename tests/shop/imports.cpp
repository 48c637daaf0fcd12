#include "tests/shop/imports.hpp"

#include <exception>

#include <nlohmann/json.hpp>

#include "tests/shop/http_service.hpp"

namespace squall::shop {
namespace {

std::string state_json(const std::string& id, const std::string& state) {
  return nlohmann::ordered_json{{"id", id}, {"state", state}}.dump();
}

}  // namespace

Imports::Imports(ImportsMode mode, Deps deps)
    : mode_(mode), deps_(deps), worker_([this] { work(); }) {}

Imports::~Imports() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

Answer Imports::accept(const Call& call) {
  Result<std::int64_t> id = 0;
  {
    const Database::WriteLease writer = deps_.database.write();
    Statement statement =
        writer->prepare("INSERT INTO imports(body, state) VALUES(?, 'waiting') RETURNING id");
    id = statement.bind(call.body()).step().and_then([&](bool) {
      const std::int64_t given = statement.integer(0);
      return statement.run().map([&] { return given; });
    });
  }
  if (!id) {
    return failed(id.error(), call);
  }
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
  }
  changed_.notify_all();
  return {202, state_json("imp_" + std::to_string(*id), "waiting")};
}

Answer Imports::look(const Call& call) {
  const std::string id = call.group(1);
  const Database::ReadLease reader = deps_.database.read();
  Statement statement = reader->prepare("SELECT state FROM imports WHERE id = ?");
  const Result<bool> found = statement.bind(std::int64_t{std::stoll(id)}).step();
  if (!found) {
    return failed(found.error(), call);
  }
  return *found ? Answer{200, state_json("imp_" + id, statement.text(0))}
                : problem(404, "no such import");
}

void Imports::work() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || news_; });
      if (ending_) {
        return;
      }
      news_ = false;
    }
    if (const Result<void> done = work_off(); !done) {
      // What it stopped at stays the first one, for when there is news again.
      deps_.metrics.database_error();
      deps_.log.error("database error", nullptr, {{"error", done.error().message}});
    }
  }
}

Result<void> Imports::work_off() {
  while (true) {
    const Result<std::optional<Waiting>> next = first_waiting();
    if (!next || !*next) {
      return next ? Result<void>() : fail(next.error());
    }
    const Result<const char*> state = mode_ == ImportsMode::kUncaught
                                          ? put_into_stock((*next)->body).map([] { return "done"; })
                                          : put_or_refuse(**next);
    const Result<void> finished =
        state.and_then([&](const char* word) { return finish((*next)->id, word); });
    if (!finished) {
      return finished;
    }
  }
}

Result<const char*> Imports::put_or_refuse(const Waiting& waiting) {
  try {
    return put_into_stock(waiting.body).map([] { return "done"; });
  } catch (const std::exception& unreadable) {
    deps_.log.error("import refused", nullptr,
                    {{"import", waiting.id}, {"error", unreadable.what()}});
    return "refused";
  }
}

Result<std::optional<Imports::Waiting>> Imports::first_waiting() {
  const Database::ReadLease reader = deps_.database.read();
  Statement statement =
      reader->prepare("SELECT id, body FROM imports WHERE state = 'waiting' ORDER BY id LIMIT 1");
  const Result<bool> found = statement.step();
  if (!found) {
    return fail(found.error());
  }
  return *found ? std::optional(Waiting{statement.integer(0), statement.text(1)}) : std::nullopt;
}

Result<void> Imports::put_into_stock(const std::string& body) {
  const nlohmann::json json = nlohmann::json::parse(body);
  const Database::WriteLease writer = deps_.database.write();
  Transaction transaction(*writer);
  Result<void> put = transaction.begin();
  for (const nlohmann::json& line : json.at("items")) {
    put = put.and_then([&] {
      return writer
          ->prepare(
              "INSERT INTO stock(item, quantity) VALUES(?, ?) "
              "ON CONFLICT(item) DO UPDATE SET quantity = stock.quantity + excluded.quantity")
          .bind(line.at("item").get<std::string>())
          .bind(line.at("quantity").get<std::int64_t>())
          .run();
    });
  }
  return put.and_then([&] { return transaction.commit(); });
}

Result<void> Imports::finish(std::int64_t id, const char* state) {
  const Database::WriteLease writer = deps_.database.write();
  return writer->prepare("UPDATE imports SET state = ? WHERE id = ?").bind(state).bind(id).run();
}

Answer Imports::failed(const Error& error, const Call& call) const {
  deps_.metrics.database_error();
  deps_.log.error("database error", &call.trace(), {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

}  // namespace squall::shop
