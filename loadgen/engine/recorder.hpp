// One worker's samples, second by second.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loadgen/base/time.hpp"
#include "loadgen/engine/exchange.hpp"
#include "loadgen/model/plan.hpp"
#include "loadgen/model/slice.hpp"

namespace squall::engine {

// The instants of one attempt, for its spans. A default TimePoint did not happen.
struct AttemptTimes {
  TimePoint intended;
  TimePoint
      ready;  // when the attempt could start at the earliest (previous step done, backoff over)
  TimePoint taken_up;
  TimePoint first_byte_sent;
  TimePoint end;
};

// Owns the slice of the second that is going on. Worker thread only. Recording allocates only for
// the first sample of a kind in each second.
class Recorder {
 public:
  Recorder(const model::Plan& plan, unsigned worker);

  // An attempt or copy was taken up now, `lag` after it was due; `due` is after t = 0.
  void taken_up(Duration due, Duration lag);
  // It ended, or was given up (`key.censored`).
  void attempt(const model::AttemptKey& key, const AttemptTimes& times);
  void operation(const model::OperationKey& key, Duration response);
  // One attempt or copy ended so.
  void ended(const model::EndingKey& key);
  // Whether the run has too few examples of that ending yet; this worker's alone are counted.
  [[nodiscard]] bool wants_example(const model::EndingKey& key) const;
  void example(const model::EndingKey& key, model::EndingExample example);
  // What the engine knows of an attempt's way; below zero is not recorded.
  void phases(std::uint16_t step, model::Phase phase, const PhaseSpans& phases);

  [[nodiscard]] model::Counters& counters() { return slice_->counters; }
  [[nodiscard]] std::vector<model::FaultCounts>& faults() { return slice_->faults; }
  [[nodiscard]] model::WorkerSlice& slice() { return *slice_; }
  // A decided fault that did not fire; the first few of a run are kept with their reason.
  void unfired(model::UnfiredFault fault);

  // Hands over the second that ended and starts `next_second`.
  [[nodiscard]] std::unique_ptr<model::WorkerSlice> turn_over(std::int64_t next_second);

 private:
  using Spans = model::AttemptSpans<stats::IntervalHistogram>;

  static constexpr std::size_t kMaxCells = 512;
  static constexpr std::size_t kMaxUnfired = 100;

  Spans& attempt_cell(model::AttemptKey key);
  stats::IntervalHistogram& operation_cell(model::OperationKey key);
  void start_slice(std::int64_t second);

  std::size_t step_count_;
  Duration lag_limit_;
  std::size_t fault_count_;
  unsigned worker_;
  std::size_t unfired_kept_ = 0;
  std::map<model::EndingKey, std::size_t> examples_kept_;
  // The last ending's place in the slice: nearly every attempt ends as the one before.
  model::EndingKey last_ending_;
  model::Ending* last_place_ = nullptr;
  std::unique_ptr<model::WorkerSlice> slice_;
  // Direct tables into the slice's maps; the step after the last is the overflow label.
  std::vector<Spans*> attempt_cells_;
  std::vector<stats::IntervalHistogram*> operation_cells_;
};

}  // namespace squall::engine
