// Who is logged in: sessions by cookie, each with a canary that no other session knows.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/shop/database.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"
#include "tests/shop/redis.hpp"

namespace squall::shop {

class Call;

enum class SessionsMode {
  kDatabase,  // in the shop's database
  kRedis,     // in Redis and nowhere else: gone when it restarts
  kCached,    // in the database, and in Redis for speed; without Redis it is slower
};

struct SessionsSettings {
  SessionsMode mode = SessionsMode::kDatabase;
  std::string redis_address = {};
  Duration redis_timeout = std::chrono::milliseconds(500);
};

// Borrows what is in Deps; owns the connections to Redis. Any thread.
class Sessions {
 public:
  struct Deps {
    Database& database;
    Metrics& metrics;
    const Log& log;
  };
  // kInvalidArgument when a mode with Redis has no address that can be read.
  [[nodiscard]] static Result<std::unique_ptr<Sessions>> make(const SessionsSettings& settings,
                                                              Deps deps);

  // POST /sessions {"user"}: 201 {"user","canary"}, and the session's id as the cookie `sid`.
  [[nodiscard]] Answer log_in(const Call& call);
  // GET /session with that cookie: {"user","canary"} of its session; 401 without one that is known.
  [[nodiscard]] Answer look(const Call& call);

 private:
  Sessions(SessionsMode mode, std::unique_ptr<Redis> redis, Deps deps)
      : mode_(mode), redis_(std::move(redis)), deps_(deps) {}
  // A session is what its answer says, as JSON.
  [[nodiscard]] Result<void> keep(const std::string& sid, const std::string& user,
                                  const std::string& canary);
  [[nodiscard]] Result<std::optional<std::string>> find(const std::string& sid);
  [[nodiscard]] Result<std::optional<std::string>> find_in_database(const std::string& sid);
  // A cache that fails costs time and nothing else.
  void cache(const std::string& sid, const std::string& session);
  [[nodiscard]] Answer failed(const Error& error, const Call& call) const;

  SessionsMode mode_;
  std::unique_ptr<Redis> redis_;  // null without
  Deps deps_;
};

}  // namespace squall::shop
