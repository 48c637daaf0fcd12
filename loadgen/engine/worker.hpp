// One thread of load: a loop, an engine, a share of the arrivals, a recorder. Nothing mutable is
// shared while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "loadgen/base/time.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/slice.hpp"

namespace squall::net {
class Loop;
}

namespace squall::engine {

class IterationBudgets;
class Engines;

// What the run tells its workers while they run. Any thread.
class WorkerControl {
 public:
  // No arrival with an intended start at or after this offset (after t = 0) is taken up; what is
  // open goes on to the end of the drain. Only the first call counts.
  void stop_arrivals(Duration offset) {
    std::int64_t never = kNever;
    stop_ns_.compare_exchange_strong(never, offset.count());
  }

  [[nodiscard]] Duration stop_offset() const { return Duration(stop_ns_.load()); }
  [[nodiscard]] bool stopped() const { return stop_ns_.load() != kNever; }

 private:
  static constexpr std::int64_t kNever = INT64_MAX;
  std::atomic<std::int64_t> stop_ns_{kNever};
};

struct WorkerOptions {
  unsigned index = 0;
  unsigned count = 1;
  bool spin = false;
  unsigned connections = 0;                // of this worker
  std::uint64_t max_waiting = 0;           // of this worker
  IterationBudgets* iterations = nullptr;  // shared by all workers; never null, outlives them
};

// Made on any thread, which resolves the targets' names (it blocks meanwhile) and allocates, so
// that none of it falls into the measured time; starts its thread in start(), joins it in join() or
// the destructor. Borrows everything it is given; all must outlive it. Hands a slice to `sink` at
// the end of each second, and the last one, marked by finished(), when everything has ended: at the
// latest one drain after the last arrival.
class Worker {
 public:
  Worker(const model::Plan& plan, const WorkerOptions& options, const WorkerControl& control,
         model::SliceSink& sink);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `zero` is t = 0; arrivals of the warm-up lie before it.
  void start(TimePoint zero);
  void join();
  // Whether the worker has handed over everything. Any thread.
  [[nodiscard]] bool finished() const { return finished_.load(std::memory_order_acquire); }

 private:
  void run(TimePoint zero);

  const model::Plan& plan_;
  WorkerOptions options_;
  const WorkerControl& control_;
  model::SliceSink& sink_;
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<Engines> engine_;
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

}  // namespace squall::engine
