#include "tests/shop/worker_pool.hpp"

namespace squall::shop {

Answer WorkerPool::run(const Handler& handler, const Call& call) {
  if (!take_worker()) {
    Answer busy = problem(503, "too many requests of this kind are being worked on");
    busy.headers.emplace_back("Retry-After", "1");
    return busy;
  }
  // Also when the handler throws.
  struct Shift {
    ~Shift() { pool.give_worker_back(); }
    WorkerPool& pool;
  } const shift{*this};
  return handler(call);
}

bool WorkerPool::take_worker() {
  std::unique_lock lock(mutex_);
  if (free_ > 0) {
    --free_;
    return true;
  }
  if (next_ticket_ - turn_ >= queue_) {
    return false;
  }
  const std::uint64_t ticket = next_ticket_++;
  turn_came_.wait(lock, [&] { return ticket < turn_; });
  return true;
}

void WorkerPool::give_worker_back() {
  {
    const std::lock_guard lock(mutex_);
    if (turn_ == next_ticket_) {
      ++free_;
      return;
    }
    ++turn_;  // the worker goes straight to whoever came first
  }
  turn_came_.notify_all();
}

}  // namespace squall::shop
