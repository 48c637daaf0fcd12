// Who is logged in: sessions by cookie, each with a canary that no other session knows.
#pragma once

#include "tests/shop/database.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"

namespace squall::shop {

class Call;

// Borrows everything. Any thread.
class Sessions {
 public:
  struct Deps {
    Database& database;
    Metrics& metrics;
    const Log& log;
  };
  explicit Sessions(Deps deps) : deps_(deps) {}

  // POST /sessions {"user"}: 201 {"user","canary"}, and the session's id as the cookie `sid`.
  [[nodiscard]] Answer log_in(const Call& call);
  // GET /session with that cookie: {"user","canary"} of its session; 401 without one that is known.
  [[nodiscard]] Answer look(const Call& call);

 private:
  [[nodiscard]] Answer failed(const Error& error, const Call& call) const;

  Deps deps_;
};

}  // namespace squall::shop
