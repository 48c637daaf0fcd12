// Orders that a second service must know of, too.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "tests/shop/database.hpp"
#include "tests/shop/http_pool.hpp"
#include "tests/shop/http_service.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/role.hpp"

namespace squall::shop {

enum class OrdersCopies {
  kDual,    // told to the other service after the commit, once: what fails is logged, and forgotten
  kOutbox,  // what has to be told is committed together with the order, and told until it is taken
};

// An order has an id that its writer chose; one that is there already is not made again, so the
// other service may be told twice. Borrows database and role; owns the pool. Any thread.
class Orders {
 public:
  // `other`: the service that is told; null: nobody.
  Orders(OrdersCopies copies, Database& database, Role& role, std::unique_ptr<HttpPool> other);
  ~Orders();
  Orders(const Orders&) = delete;
  Orders& operator=(const Orders&) = delete;

  // Makes its tables.
  static const char* schema();

  // POST /orders {"token"}: 201 {"token"}, 200 when it is there already.
  [[nodiscard]] Answer take(const Call& call);
  // GET /orders: {"items":[{"seq","token"}],"next"}.
  [[nodiscard]] Answer list(const Call& call);

 private:
  struct Message {
    std::int64_t seq = 0;
    std::string token;
  };
  // Whether it is new.
  [[nodiscard]] Result<bool> insert(const std::string& token);
  [[nodiscard]] bool tell(const std::string& token, const Trace* trace);
  void work();
  // Tells what waits, the oldest first, until somebody does not take it or nothing waits.
  [[nodiscard]] Result<void> tell_waiting();
  [[nodiscard]] Result<std::optional<Message>> oldest();
  [[nodiscard]] Result<void> forget(std::int64_t seq);

  OrdersCopies copies_;
  Database& database_;
  Role& role_;
  std::unique_ptr<HttpPool> other_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool news_ = true;  // what an earlier process left counts
  std::thread worker_;
};

struct OrdersOptions {
  HttpOptions http = {};
  LogLevel log_level = LogLevel::kInfo;
  OrdersCopies copies = OrdersCopies::kOutbox;
  std::string copy_to = {};  // empty: nobody is told
  Duration copy_timeout = std::chrono::milliseconds(500);
  std::string database_file = {};  // empty: a private temporary file, removed at exit
};

// Runs the role until it is told to stop; the process's exit code.
[[nodiscard]] int run_orders(const OrdersOptions& options);

}  // namespace squall::shop
