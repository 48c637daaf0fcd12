#include "tests/shop/articles.hpp"

#include <cstdio>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/storage.hpp"

namespace squall::shop {
namespace {

constexpr Duration kReplicaTimeout = std::chrono::seconds(1);
constexpr Duration kHoldLimit = std::chrono::seconds(10);

std::string article_json(const std::string& id, const std::string& value) {
  const nlohmann::ordered_json json = {{"id", id}, {"value", value}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

const char* Articles::schema() {
  return "CREATE TABLE IF NOT EXISTS articles(id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT "
         "ROWID;";
}

Articles::Articles(ArticlesCaching caching, Duration ttl, Deps deps)
    : caching_(caching), deps_(std::move(deps)), cache_(ttl, kHoldLimit, deps_.clock) {}

Answer Articles::look(const Call& call) {
  const std::string id = call.group(1);
  const ArticlesCache::Look remembered = cache_.look(id);
  if (remembered.value) {
    return {200, article_json(id, *remembered.value)};
  }
  std::string value;
  {
    const Database::ReadLease reader = deps_.database.read();
    Statement statement = reader->prepare("SELECT value FROM articles WHERE id = ?");
    const Result<bool> found = statement.bind(id).step();
    if (!found) {
      return database_refused(found.error(), call, deps_.role);
    }
    if (!*found) {
      return problem(404, "no such article");
    }
    value = statement.text(0);
  }
  cache_.keep(id, remembered.ticket, value);
  return {200, article_json(id, value)};
}

Answer Articles::write(const Call& call) {
  const std::string id = call.group(1);
  const Result<std::string> value = parse_object(call.body()).and_then([](const auto& json) {
    return text_or_number_field(json, "value");
  });
  if (!value) {
    return problem(400, value.error().message);
  }
  const bool tells = caching_ == ArticlesCaching::kInvalidate;
  const std::size_t all = tells ? deps_.replicas.size() : 0;
  const std::size_t held = tell(id, "hold", all, call.trace());
  const Result<void> stored = held == all ? store(id, *value) : Result<void>();
  // A replica that cannot be told this leaves the article out until the hold is over.
  const std::size_t released = tell(id, "release", held, call.trace());
  if (held < all) {
    return problem(503, fmt::format("replica {} cannot be told", held + 1));
  }
  if (!stored) {
    return database_refused(stored.error(), call, deps_.role);
  }
  if (released < all) {
    deps_.role.log().error("article stays held", &call.trace(), {{"id", id}});
  }
  return {200, article_json(id, *value)};
}

Result<void> Articles::store(const std::string& id, const std::string& value) {
  const Database::WriteLease writer = deps_.database.write();
  return writer
      ->prepare(
          "INSERT INTO articles(id, value) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET "
          "value = ?2")
      .bind(id)
      .bind(value)
      .run();
}

std::size_t Articles::tell(const std::string& id, const char* what, std::size_t count,
                           const Trace& trace) {
  std::size_t took = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Result<PoolAnswer> answer = deps_.replicas[i]->post(
        fmt::format("/cache/{}/{}", id, what), {{"traceparent", trace.traceparent()}}, "{}");
    if (!answer || answer->status != 200) {
      deps_.role.log().error(
          "replica cannot be told", &trace,
          {{"replica", static_cast<std::int64_t>(i + 1)},
           {"why", answer ? fmt::format("answered {}", answer->status) : answer.error().message}});
      return took;
    }
    ++took;
  }
  return took;
}

Answer Articles::hold(const Call& call) {
  cache_.hold(call.group(1));
  return {200, "{}"};
}

Answer Articles::release(const Call& call) {
  cache_.release(call.group(1));
  return {200, "{}"};
}

int run_articles(const ArticlesOptions& options) {
  Role role("articles", options.http, options.log_level);
  const Result<OwnStorage> storage = open_own_storage(options.database_file, Articles::schema());
  if (!storage) {
    fmt::print(stderr, "squall-shop: --db: {}\n", storage.error().message);
    return 1;
  }
  std::vector<std::unique_ptr<HttpPool>> replicas;
  for (const std::string& url : options.replicas) {
    Result<std::unique_ptr<HttpPool>> pool = HttpPool::make(url, kReplicaTimeout);
    if (!pool) {
      fmt::print(stderr, "squall-shop: --replica: {}\n", pool.error().message);
      return 1;
    }
    replicas.push_back(std::move(*pool));
  }
  const SystemClock clock;
  Articles articles(options.caching, options.ttl,
                    {*storage->database, clock, role, std::move(replicas)});
  using Method = HttpService::Method;
  HttpService& http = role.http();
  constexpr const char* kArticle = "/articles/([A-Za-z0-9_-]{1,200})";
  http.route(Method::kGet, kArticle, "/articles/{id}",
             [&](const Call& call) { return articles.look(call); });
  http.route(Method::kPut, kArticle, "/articles/{id}",
             [&](const Call& call) { return articles.write(call); });
  http.route(Method::kPost, "/cache/([A-Za-z0-9_-]{1,200})/hold", "/cache/{id}/hold",
             [&](const Call& call) { return articles.hold(call); });
  http.route(Method::kPost, "/cache/([A-Za-z0-9_-]{1,200})/release", "/cache/{id}/release",
             [&](const Call& call) { return articles.release(call); });
  http.route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
