// Articles that are read much more often than they change, by several replicas with caches.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/shop/articles_cache.hpp"
#include "tests/shop/database.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {

enum class ArticlesCaching {
  kTtl,         // what is remembered is good for its time, whatever was written meanwhile
  kInvalidate,  // a write makes every replica leave the article out until it is committed
};

// Borrows database, clock and role; owns the pools. Any thread.
class Articles {
 public:
  struct Deps {
    Database& database;
    const Clock& clock;
    Role& role;
    std::vector<std::unique_ptr<HttpPool>> replicas;  // with kInvalidate: all, this one included
  };
  Articles(ArticlesCaching caching, Duration ttl, Deps deps);

  // Makes its tables.
  static const char* schema();

  // GET /articles/{id}: {"id","value"}; 404.
  [[nodiscard]] Answer look(const Call& call);
  // PUT /articles/{id} {"value"}: {"id","value"}; 503 when a replica cannot be told: then nothing
  // was written.
  [[nodiscard]] Answer write(const Call& call);
  // POST /cache/{id}/hold and /release: from the replica that writes.
  [[nodiscard]] Answer hold(const Call& call);
  [[nodiscard]] Answer release(const Call& call);

 private:
  [[nodiscard]] Result<void> store(const std::string& id, const std::string& value);
  // Tells the first `count` replicas; the number of those that took it before one did not.
  [[nodiscard]] std::size_t tell(const std::string& id, const char* what, std::size_t count,
                                 const Trace& trace);

  ArticlesCaching caching_;
  Deps deps_;
  ArticlesCache cache_;
};

struct ArticlesOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  ArticlesCaching caching = ArticlesCaching::kInvalidate;
  Duration ttl = std::chrono::seconds(5);
  std::vector<std::string> replicas = {};
  std::string database_file = {};
};

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_articles(const ArticlesOptions& options);

}  // namespace squall::shop
