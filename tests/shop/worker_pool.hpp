// How many handlers work at the same time: what a pool of worker threads is to a service.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>

#include "tests/shop/http_service.hpp"

namespace squall::shop {

enum class PoolsMode {
  kShared,    // one pool works on everything, and everything queues for it
  kBulkhead,  // what calls the payment provider has a pool of its own, with a short queue
};

struct PoolsSettings {
  PoolsMode mode = PoolsMode::kBulkhead;
  unsigned workers = 0;  // in all; 0: a worker for every connection
};

// Any thread.
class WorkerPool {
 public:
  // At most `queue` calls wait for one of the `workers`, in the order they came; further ones get
  // 503 at once.
  explicit WorkerPool(std::size_t workers,
                      std::size_t queue = std::numeric_limits<std::size_t>::max())
      : free_(workers), queue_(queue) {}

  [[nodiscard]] Answer run(const Handler& handler, const Call& call);

 private:
  [[nodiscard]] bool take_worker();
  void give_worker_back();

  std::mutex mutex_;
  std::condition_variable turn_came_;
  std::size_t free_;
  std::size_t queue_;
  std::uint64_t next_ticket_ = 0;
  std::uint64_t turn_ = 0;  // tickets below may work
};

}  // namespace squall::shop
