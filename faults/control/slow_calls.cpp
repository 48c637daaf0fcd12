#include "faults/control/slow_calls.hpp"

#include <utility>

namespace squall::faults {

SlowCalls::~SlowCalls() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    calls_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void SlowCalls::add(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
  if (calls_.size() > idle_ && threads_.size() < most_threads_) {
    threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();
}

void SlowCalls::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (calls_.empty()) {
      ++idle_;
      changed_.wait(lock);
      --idle_;
      continue;
    }
    const auto call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    call();
    lock.lock();
  }
}

}  // namespace squall::faults
