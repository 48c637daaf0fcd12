#include "tests/shop/storage.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "tests/shop/http_service.hpp"
#include "tests/shop/paging.hpp"

namespace squall::shop {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> page_json(Statement statement, const Page& page) {
  Json items = Json::array();
  Json next;
  statement.bind(page.after).bind(page.limit + 1);  // one more tells whether there is a next page
  while (true) {
    const Result<bool> row = statement.step();
    if (!row) {
      return fail(row.error());
    }
    if (!*row) {
      return Json{{"items", std::move(items)}, {"next", std::move(next)}};
    }
    if (static_cast<std::int64_t>(items.size()) == page.limit) {
      next = items.back()["seq"];
    } else {
      items.push_back({{"seq", statement.integer(0)}, {"token", statement.text(1)}});
    }
  }
}

}  // namespace

Result<OwnStorage> open_own_storage(const std::string& file, const char* schema) {
  OwnStorage storage;
  if (file.empty()) {
    Result<TemporaryDirectory> directory = TemporaryDirectory::make();
    if (!directory) {
      return fail(directory.error());
    }
    storage.directory = std::move(*directory);
  }
  // A process that dies is what these services are for, not a host without power.
  Result<std::unique_ptr<Database>> database = Database::open(
      file.empty() ? storage.directory.path() + "/own.db" : file, Durability::kProcess);
  if (!database) {
    return fail(database.error());
  }
  if (const Result<void> made = (*database)->write()->execute(schema); !made) {
    return fail(made.error());
  }
  storage.database = std::move(*database);
  return storage;
}

Answer database_refused(const Error& error, const Call& call, Role& role) {
  role.metrics().database_error();
  role.log().error("database error", &call.trace(), {{"error", error.message}});
  return problem(503, "the database cannot be used now");
}

Answer list_tokens(const Call& call, Database& database, const char* select, Role& role) {
  const Result<Page> page = page_of(call);
  if (!page) {
    return problem(400, page.error().message);
  }
  const Database::ReadLease reader = database.read();
  const Result<Json> json = page_json(reader->prepare(select), *page);
  if (!json) {
    return database_refused(json.error(), call, role);
  }
  return {200, json->dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace squall::shop
