// What the shop sells, as a PostgreSQL database knows it.
#pragma once

#include <memory>

#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/postgres_pool.hpp"
#include "tests/shop/problem.hpp"

namespace squall::shop {

class Call;

// Borrows what is in Deps. Any thread.
class Items {
 public:
  struct Deps {
    Metrics& metrics;
    const Log& log;
  };
  // Makes the table and its rows item-1 to item-100 when they are missing; fails as PostgresPool.
  [[nodiscard]] static Result<std::unique_ptr<Items>> open(const PostgresSettings& settings,
                                                           Deps deps);

  // GET /items/{name}: {"name","price"}; 404; 503 when the database cannot be asked.
  [[nodiscard]] Answer look(const Call& call);
  // Whether the database answers.
  [[nodiscard]] Result<void> check();

 private:
  Items(const PostgresSettings& settings, Deps deps) : pool_(settings), deps_(deps) {}

  PostgresPool pool_;
  Deps deps_;
};

}  // namespace squall::shop
