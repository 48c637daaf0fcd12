#include "tests/shop/leases.hpp"

#include <cstdio>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {
namespace {

constexpr std::size_t kManySeen = 10'000;

std::int64_t milliseconds_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::string json_of(const Lease& lease) {
  return nlohmann::ordered_json{{"holder", lease.holder}, {"token", lease.token}}.dump();
}

Answer answer_of(const Result<Lease>& lease, const Call& call, Role& role) {
  if (!lease) {
    role.metrics().database_error();
    role.log().error("database error", &call.trace(), {{"error", lease.error().message}});
    return problem(503, "the database cannot be used now");
  }
  return {lease->held ? 200 : 409, json_of(*lease)};
}

}  // namespace

Result<bool> LeaseBook::read(Connection& connection, const std::string& name, Row& row) {
  Statement statement =
      connection.prepare("SELECT holder, token, expires_ms FROM leases WHERE name = ?");
  Result<bool> found = statement.bind(name).step();
  if (found && *found) {
    row = {statement.text(0), statement.integer(1), statement.integer(2)};
  }
  return found;
}

Result<Lease> LeaseBook::acquire(const std::string& name, const std::string& holder) {
  const Database::WriteLease writer = database_.write();
  Transaction transaction(*writer);
  if (const Result<void> begun = transaction.begin(); !begun) {
    return fail(begun.error());
  }
  Row row;
  const Result<bool> found = read(*writer, name, row);
  if (!found) {
    return fail(found.error());
  }
  if (*found && row.holder != holder && !is_over(name, row)) {
    return Lease{.held = false, .holder = row.holder, .token = row.token};
  }
  const std::int64_t token = row.token + 1;
  const std::int64_t expires_ms =
      milliseconds_of(clock_.wall_now().time_since_epoch()) + milliseconds_of(settings_.time);
  const Result<void> written =
      writer
          ->prepare(
              "INSERT INTO leases(name, holder, token, expires_ms) VALUES(?1, ?2, ?3, ?4) "
              "ON CONFLICT(name) DO UPDATE SET holder = ?2, token = ?3, expires_ms = ?4")
          .bind(name)
          .bind(holder)
          .bind(token)
          .bind(expires_ms)
          .run();
  return written.and_then([&] { return transaction.commit(); }).map([&] {
    return Lease{.held = true, .holder = holder, .token = token};
  });
}

bool LeaseBook::is_over(const std::string& name, const Row& row) {
  if (settings_.clock == LeaseClock::kObserved) {
    return has_been_seen_long_enough(name, row.token);
  }
  return row.expires_ms <= milliseconds_of(clock_.wall_now().time_since_epoch());
}

bool LeaseBook::has_been_seen_long_enough(const std::string& name, std::int64_t token) {
  const TimePoint now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (seen_.size() > kManySeen) {
    forget_old(now);
  }
  const auto [seen, is_new] = seen_.try_emplace(name, Seen{token, now});
  if (!is_new && seen->second.token != token) {
    seen->second = {token, now};
  }
  const bool over = now - seen->second.since >= settings_.time;
  if (over) {
    seen_.erase(seen);
  }
  return over;
}

// Nobody has asked for these since they were over, or not often; who asks again waits once more.
void LeaseBook::forget_old(TimePoint now) {
  std::erase_if(seen_, [&](const auto& one) { return now - one.second.since >= settings_.time; });
}

int run_leases(const LeasesOptions& options) {
  Role role("leases", options.http, options.log_level);
  const Result<std::unique_ptr<Database>> database =
      Database::open(options.database_file, Durability::kProcess);
  if (!database) {
    fmt::print(stderr, "squall-shop: --db: {}\n", database.error().message);
    return 1;
  }
  const SystemClock clock;
  LeaseBook book(options.leases, **database, clock);
  using Method = HttpService::Method;
  role.http().route(Method::kPost, "/leases/([A-Za-z0-9_.-]{1,100})", "/leases/{name}",
                    [&](const Call& call) {
                      const auto holder = parse_object(call.body()).and_then([](const auto& json) {
                        return text_field(json, "holder");
                      });
                      return holder ? answer_of(book.acquire(call.group(1), *holder), call, role)
                                    : problem(400, holder.error().message);
                    });
  role.http().route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
