// Deliveries that are sent in as files and worked on later.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "tests/shop/database.hpp"
#include "tests/shop/log.hpp"
#include "tests/shop/metrics.hpp"
#include "tests/shop/problem.hpp"

namespace squall::shop {

class Call;

enum class ImportsMode {
  kUncaught,  // what cannot be read throws in the working thread and ends the process; it is still
              // the first in the queue when the shop starts again
  kHandled,   // what cannot be read is refused, and the next one's turn comes
};

// POST /imports takes any bytes (202), and a thread of its own puts {"items":[{"item","quantity"}]}
// into stock, in the order of arrival, also what an earlier process left. Borrows everything. Any
// thread.
class Imports {
 public:
  struct Deps {
    Database& database;
    Metrics& metrics;
    const Log& log;
  };
  Imports(ImportsMode mode, Deps deps);
  ~Imports();
  Imports(const Imports&) = delete;
  Imports& operator=(const Imports&) = delete;

  // 202 {"id","state":"waiting"}.
  [[nodiscard]] Answer accept(const Call& call);
  // GET /imports/{id}: {"id","state"}, the state one of waiting, done, refused.
  [[nodiscard]] Answer look(const Call& call);

 private:
  struct Waiting {
    std::int64_t id = 0;
    std::string body;
  };
  void work();
  // Until nothing waits, or the database cannot be used.
  [[nodiscard]] Result<void> work_off();
  // The state that it is in afterwards.
  [[nodiscard]] Result<const char*> put_or_refuse(const Waiting& waiting);
  [[nodiscard]] Result<std::optional<Waiting>> first_waiting();
  // Throws what the JSON library throws.
  [[nodiscard]] Result<void> put_into_stock(const std::string& body);
  [[nodiscard]] Result<void> finish(std::int64_t id, const char* state);
  [[nodiscard]] Answer failed(const Error& error, const Call& call) const;

  ImportsMode mode_;
  Deps deps_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool news_ = true;  // what an earlier process left counts
  std::thread worker_;
};

}  // namespace squall::shop
