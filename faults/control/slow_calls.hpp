// Calls that may wait for a resolver, away from the thread that must answer at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace squall::faults {

// Owns its threads, which come as they are needed, up to a limit; more calls wait their turn, in
// order. Any thread.
class SlowCalls {
 public:
  explicit SlowCalls(std::size_t most_threads) : most_threads_(most_threads) {}
  // Waits for the calls that have begun; those that have not are dropped.
  ~SlowCalls();
  SlowCalls(const SlowCalls&) = delete;
  SlowCalls& operator=(const SlowCalls&) = delete;

  void add(std::function<void()> call);

 private:
  void work();

  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> calls_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace squall::faults
