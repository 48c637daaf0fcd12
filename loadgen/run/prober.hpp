// Sends a plan's probes beside the load and keeps what they were answered.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"

namespace squall::run {

// Owns one thread for each probe, with connections of its own, so that neither the load nor another
// probe delays it; blocking, since it is late for nobody. Borrows the plan. Started and ended on
// one thread.
class Prober {
 public:
  // `zero`: t = 0. Begins to probe at once.
  Prober(const model::Plan& plan, TimePoint zero);
  // Ends the threads; waits for open requests, at most the probes' timeouts.
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  // Ends the threads and gives what they kept, in the plan's order. The last call.
  [[nodiscard]] std::vector<model::RecordedProbe> end();

 private:
  void run(std::size_t index);
  [[nodiscard]] model::ProbeAnswer ask(const model::Probe& probe, std::uint64_t sequence) const;
  void stop();

  const model::Plan& plan_;
  TimePoint zero_;
  std::mutex mutex_;
  std::condition_variable stopped_changed_;
  bool stopped_ = false;                        // guarded by mutex_
  std::vector<model::RecordedProbe> recorded_;  // each by its own thread until that has ended
  std::vector<std::thread> threads_;
};

}  // namespace squall::run
