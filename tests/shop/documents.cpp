#include "tests/shop/documents.hpp"

#include <cstdio>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/storage.hpp"

namespace squall::shop {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string etag_of(std::int64_t version) {
  return fmt::format("\"{}\"", version);
}

Answer document_answer(int status, const std::string& id, std::int64_t version,
                       const std::string& text) {
  Answer answer{status, dumped({{"id", id}, {"version", version}, {"text", text}})};
  answer.headers.emplace_back("ETag", etag_of(version));
  return answer;
}

Result<std::string> text_of(const Call& call) {
  return parse_object(call.body()).and_then([](const nlohmann::json& json) -> Result<std::string> {
    const auto text = json.find("text");
    if (text == json.end() || !text->is_string()) {
      return fail(ErrorCode::kMalformed, "\"text\" is missing or no text");
    }
    return text->get<std::string>();
  });
}

}  // namespace

const char* Documents::schema() {
  return R"(
CREATE TABLE IF NOT EXISTS documents(
  id TEXT PRIMARY KEY, version INTEGER NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
)";
}

Answer Documents::look(const Call& call) {
  const std::string id = call.group(1);
  const Database::ReadLease reader = database_.read();
  Statement statement = reader->prepare("SELECT version, text FROM documents WHERE id = ?");
  const Result<bool> found = statement.bind(id).step();
  if (!found) {
    return database_refused(found.error(), call, role_);
  }
  return *found ? document_answer(200, id, statement.integer(0), statement.text(1))
                : problem(404, "no such document");
}

Answer Documents::write(const Call& call) {
  const Result<std::string> text = text_of(call);
  if (!text) {
    return problem(400, text.error().message);
  }
  const Database::WriteLease writer = database_.write();
  Transaction transaction(*writer);
  Result<Answer> answer =
      transaction.begin().and_then([&] { return replace(*writer, call.group(1), *text, call); });
  if (answer && answer->status < 300) {
    answer = transaction.commit().map([&] { return *answer; });
  }
  return answer ? *answer : database_refused(answer.error(), call, role_);
}

Result<Answer> Documents::replace(Connection& writer, const std::string& id,
                                  const std::string& text, const Call& call) {
  std::optional<std::int64_t> version;
  {
    Statement statement = writer.prepare("SELECT version FROM documents WHERE id = ?");
    const Result<bool> found = statement.bind(id).step();
    if (!found) {
      return fail(found.error());
    }
    version = *found ? std::optional(statement.integer(0)) : std::nullopt;
  }
  if (mode_ == DocumentsMode::kVersioned) {
    const std::optional<std::string> match = call.header("If-Match");
    if (version && !match) {
      return problem(428, "name the version that is to be replaced: If-Match");
    }
    if (match && (!version || *match != etag_of(*version))) {
      return problem(412, "somebody else has changed the document");
    }
  }
  const std::int64_t next = version.value_or(0) + 1;
  return writer
      .prepare(
          "INSERT INTO documents(id, version, text) VALUES(?1, ?2, ?3) "
          "ON CONFLICT(id) DO UPDATE SET version = ?2, text = ?3")
      .bind(id)
      .bind(next)
      .bind(text)
      .run()
      .map([&] { return document_answer(version ? 200 : 201, id, next, text); });
}

Answer Documents::words(const Call& call) {
  const Database::ReadLease reader = database_.read();
  Statement statement = reader->prepare("SELECT id, text FROM documents ORDER BY id");
  Json items = Json::array();
  while (true) {
    const Result<bool> row = statement.step();
    if (!row) {
      return database_refused(row.error(), call, role_);
    }
    if (!*row) {
      return {200, dumped({{"items", std::move(items)}})};
    }
    std::istringstream words(statement.text(1));
    for (std::string word; words >> word;) {
      items.push_back({{"document", statement.text(0)}, {"word", word}});
    }
  }
}

int run_documents(const DocumentsOptions& options) {
  Role role("documents", options.http, options.log_level);
  const Result<OwnStorage> storage = open_own_storage(options.database_file, Documents::schema());
  if (!storage) {
    fmt::print(stderr, "squall-shop: --db: {}\n", storage.error().message);
    return 1;
  }
  Documents documents(options.mode, *storage->database, role);
  using Method = HttpService::Method;
  HttpService& http = role.http();
  constexpr const char* kDocument = "/documents/([^/]{1,200})";
  http.route(Method::kGet, kDocument, "/documents/{id}",
             [&](const Call& call) { return documents.look(call); });
  http.route(Method::kPut, kDocument, "/documents/{id}",
             [&](const Call& call) { return documents.write(call); });
  http.route(Method::kGet, "/words", "/words",
             [&](const Call& call) { return documents.words(call); });
  http.route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
