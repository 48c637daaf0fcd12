#include "tests/shop/postgres_pool.hpp"

#include <fmt/core.h>

namespace squall::shop {

Result<PostgresConnection::Rows> PostgresPool::query(const std::string& sql,
                                                     const std::vector<std::string>& parameters) {
  Result<Place> place = acquire();
  if (!place) {
    return fail(place.error());
  }
  Result<PostgresConnection::Rows> rows =
      place->connection->query(sql, parameters, settings_.query_timeout);
  if (rows) {
    release(std::move(*place));
  } else if (settings_.on_error == OnQueryError::kGiveBack) {
    if (rows.error().code != ErrorCode::kMalformed) {
      place->connection.reset();
    }
    release(std::move(*place));
  }
  return rows;
}

Result<void> PostgresPool::execute(const std::string& sql) {
  Result<Place> place = acquire();
  if (!place) {
    return fail(place.error());
  }
  Result<void> done = place->connection->execute(sql);
  release(std::move(*place));
  return done;
}

Result<PostgresPool::Place> PostgresPool::acquire() {
  Place place;
  {
    std::unique_lock lock(mutex_);
    const auto has_place = [this] { return taken_ < settings_.connections; };
    if (settings_.acquire_timeout == Duration::zero()) {
      released_.wait(lock, has_place);
    } else if (!released_.wait_for(lock, settings_.acquire_timeout, has_place)) {
      return fail(ErrorCode::kExhausted,
                  fmt::format("all {} database connections are in use", settings_.connections));
    }
    ++taken_;
    if (!idle_.empty()) {
      place.connection = std::move(idle_.back());
      idle_.pop_back();
      return place;
    }
  }
  Result<std::unique_ptr<PostgresConnection>> connection =
      PostgresConnection::open(settings_.url, settings_.query_timeout);
  if (!connection) {
    if (settings_.on_error == OnQueryError::kGiveBack) {
      release({});
    }
    return fail(connection.error());
  }
  place.connection = std::move(*connection);
  return place;
}

void PostgresPool::release(Place place) {
  {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (place.connection) {
      idle_.push_back(std::move(place.connection));
    }
  }
  released_.notify_one();
}

}  // namespace squall::shop
