// Joins the workers' slices into seconds of the run.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "loadgen/model/plan.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/slice.hpp"

namespace squall::run {

// One second of all workers: a record that holds nothing but that second, and its effect lines.
struct RunSecond {
  model::RunRecord delta;                 // seconds[0] is the summary
  std::vector<model::Lateness> lateness;  // of what was taken up in it, by the second it was due in
  std::vector<model::EffectAttempt> effect_attempts;
  std::vector<model::EffectOperation> effect_operations;
  std::vector<model::HistoryOperation> history;  // without their processes
  std::vector<model::OperationSpan> spans;
};

// take() on worker threads; everything else on the run's thread. A second is complete when every
// worker has handed over that second or a later one.
class Aggregator final : public model::SliceSink {
 public:
  Aggregator(const model::Plan& plan, unsigned workers);

  void take(std::unique_ptr<model::WorkerSlice> slice) override;

  // Waits until a slice comes in, at most `timeout`.
  void wait(Duration timeout);

  // The seconds that have become complete, in order. With `all`, also those that have not: for the
  // end.
  enum class Which { kComplete, kAll };
  [[nodiscard]] std::vector<RunSecond> collect(Which which);

 private:
  struct Pending {
    RunSecond second;
    stats::Histogram response{stats::kSpanLayout};
    stats::Histogram lag{stats::kLagLayout};
  };

  void add(model::WorkerSlice& slice);
  void add_samples(Pending& pending, const model::WorkerSlice& slice);
  void add_endings(model::RunRecord& delta, const model::WorkerSlice& slice) const;
  void add_unmet(Pending& pending, const model::WorkerSlice& slice);
  void add_faults(Pending& pending, const model::WorkerSlice& slice);
  void add_tls(model::RunRecord& delta, const model::WorkerSlice& slice) const;
  [[nodiscard]] RunSecond close(Pending pending) const;

  const model::Plan& plan_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::unique_ptr<model::WorkerSlice>> inbox_;  // guarded by mutex_
  std::vector<std::int64_t> delivered_;                     // by worker: its last second
  std::map<std::int64_t, Pending> pending_;
};

}  // namespace squall::run
