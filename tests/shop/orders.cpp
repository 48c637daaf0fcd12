#include "tests/shop/orders.hpp"

#include <cstdio>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/shop/json_body.hpp"
#include "tests/shop/storage.hpp"

namespace squall::shop {
namespace {

constexpr Duration kPause =
    std::chrono::milliseconds(100);  // before what was not taken is told again

std::string order_json(const std::string& token) {
  const nlohmann::ordered_json json = {{"token", token}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

const char* Orders::schema() {
  return R"(
CREATE TABLE IF NOT EXISTS orders(seq INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS outbox(seq INTEGER PRIMARY KEY, token TEXT NOT NULL);
)";
}

Orders::Orders(OrdersCopies copies, Database& database, Role& role, std::unique_ptr<HttpPool> other)
    : copies_(copies), database_(database), role_(role), other_(std::move(other)), worker_([this] {
        work();
      }) {}

Orders::~Orders() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

Answer Orders::take(const Call& call) {
  const Result<std::string> token = parse_object(call.body()).and_then([](const auto& json) {
    return text_field(json, "token");
  });
  if (!token) {
    return problem(400, token.error().message);
  }
  const Result<bool> is_new = insert(*token);
  if (!is_new) {
    return database_refused(is_new.error(), call, role_);
  }
  if (*is_new && other_ && copies_ == OrdersCopies::kDual) {
    (void)tell(*token, &call.trace());  // the defect: the order stands, whatever became of this
  } else if (*is_new && other_) {
    {
      const std::lock_guard lock(mutex_);
      news_ = true;
    }
    changed_.notify_all();
  }
  return {*is_new ? 201 : 200, order_json(*token)};
}

Result<bool> Orders::insert(const std::string& token) {
  const Database::WriteLease writer = database_.write();
  Transaction transaction(*writer);
  bool is_new = false;
  return transaction.begin()
      .and_then([&] {
        return writer->prepare("INSERT INTO orders(token) VALUES(?) ON CONFLICT(token) DO NOTHING")
            .bind(token)
            .run();
      })
      .and_then([&]() -> Result<void> {
        is_new = writer->changes() == 1;
        if (!is_new || !other_ || copies_ == OrdersCopies::kDual) {
          return {};
        }
        return writer->prepare("INSERT INTO outbox(token) VALUES(?)").bind(token).run();
      })
      .and_then([&] { return transaction.commit(); })
      .map([&] { return is_new; });
}

bool Orders::tell(const std::string& token, const Trace* trace) {
  const Result<PoolAnswer> answer = other_->post("/orders", {}, order_json(token));
  const bool taken = answer && answer->status >= 200 && answer->status < 300;
  if (!taken) {
    role_.log().error(
        "order not taken by the other service", trace,
        {{"token", token},
         {"why", answer ? fmt::format("answered {}", answer->status) : answer.error().message}});
  }
  return taken;
}

Answer Orders::list(const Call& call) {
  return list_tokens(call, database_,
                     "SELECT seq, token FROM orders WHERE seq > ? ORDER BY seq LIMIT ?", role_);
}

void Orders::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    changed_.wait(lock, [this] { return ending_ || news_; });
    news_ = false;
    lock.unlock();
    const Result<void> told = other_ ? tell_waiting() : Result<void>();
    lock.lock();
    if (!told) {
      role_.log().error("the outbox waits", nullptr, {{"why", told.error().message}});
      changed_.wait_for(lock, kPause, [this] { return ending_; });
      news_ = true;
    }
  }
}

Result<void> Orders::tell_waiting() {
  while (true) {
    const Result<std::optional<Message>> message = oldest();
    if (!message) {
      return fail(message.error());
    }
    if (!*message) {
      return {};
    }
    {
      const std::lock_guard lock(mutex_);
      if (ending_) {
        return {};
      }
    }
    if (!tell((*message)->token, nullptr)) {
      return fail(ErrorCode::kUnavailable, "the other service does not take it");
    }
    if (Result<void> forgotten = forget((*message)->seq); !forgotten) {
      return forgotten;
    }
  }
}

Result<std::optional<Orders::Message>> Orders::oldest() {
  const Database::ReadLease reader = database_.read();
  Statement statement = reader->prepare("SELECT seq, token FROM outbox ORDER BY seq LIMIT 1");
  return statement.step().map([&](bool found) {
    return found ? std::optional(Message{statement.integer(0), statement.text(1)}) : std::nullopt;
  });
}

Result<void> Orders::forget(std::int64_t seq) {
  const Database::WriteLease writer = database_.write();
  return writer->prepare("DELETE FROM outbox WHERE seq = ?").bind(seq).run();
}

int run_orders(const OrdersOptions& options) {
  Role role("orders", options.http, options.log_level);
  const Result<OwnStorage> storage = open_own_storage(options.database_file, Orders::schema());
  if (!storage) {
    fmt::print(stderr, "squall-shop: --db: {}\n", storage.error().message);
    return 1;
  }
  std::unique_ptr<HttpPool> other;
  if (!options.copy_to.empty()) {
    Result<std::unique_ptr<HttpPool>> pool = HttpPool::make(options.copy_to, options.copy_timeout);
    if (!pool) {
      fmt::print(stderr, "squall-shop: --copy-to: {}\n", pool.error().message);
      return 1;
    }
    other = std::move(*pool);
  }
  Orders orders(options.copies, *storage->database, role, std::move(other));
  using Method = HttpService::Method;
  HttpService& http = role.http();
  http.route(Method::kPost, "/orders", "/orders",
             [&](const Call& call) { return orders.take(call); });
  http.route(Method::kGet, "/orders", "/orders",
             [&](const Call& call) { return orders.list(call); });
  http.route(Method::kGet, "/readyz", "/readyz", [](const Call&) {
    return Answer{200, R"({"status":"ready"})"};
  });
  return role.serve([] {});
}

}  // namespace squall::shop
