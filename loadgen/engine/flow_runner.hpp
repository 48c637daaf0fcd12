// Runs the iterations of one worker: arrival → operation → attempts and copies → outcome → next
// step.
//
//   begin() ─► decide faults ─► render ─► engine.submit() … engine.take_completed() ─► judge ─►
//   record
//                  ▲                                                              │
//                  └───────── retry after back-off, next copy, next step ◄────────┘
//
// A step whose operation is not acked ends its iteration: later steps would act on something that
// may not exist.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "loadgen/engine/arrival_schedule.hpp"
#include "loadgen/engine/fault_decider.hpp"
#include "loadgen/engine/flow.hpp"
#include "loadgen/engine/native_engine.hpp"
#include "loadgen/engine/recorder.hpp"
#include "loadgen/engine/request_builder.hpp"
#include "loadgen/engine/retry_budget.hpp"
#include "loadgen/engine/rolling_median.hpp"
#include "loadgen/engine/step_judge.hpp"
#include "loadgen/model/plan.hpp"

namespace squall::engine {

// Borrows everything it is given; all must outlive it. Worker thread only.
class FlowRunner {
 public:
  struct Deps {
    const model::Plan& plan;
    NativeEngine& engine;
    Recorder& recorder;
    TimePoint zero;                 // t = 0
    std::uint64_t max_waiting = 0;  // of this worker
  };
  explicit FlowRunner(const Deps& deps);

  // Takes an arrival up: starts its first step, or drops it when the queue of waiting arrivals is
  // full.
  void begin(const Arrival& arrival, TimePoint now);
  // Gives up an arrival that was never taken up (the drain ended before its turn).
  void drop(const Arrival& arrival, TimePoint now);
  // Handles what the engine has finished.
  void collect(TimePoint now);
  // Retries, delayed copies and next steps that are due.
  void on_time(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  // The end of the drain: everything that is still open ends now.
  void abandon_all(TimePoint now);

  [[nodiscard]] std::size_t active() const { return flows_.active(); }

 private:
  enum class TimerKind : std::uint8_t { kRetry, kCopy, kStep };
  struct Timer {
    TimePoint at;
    std::uint32_t slot = 0;
    TimerKind kind = TimerKind::kRetry;
    std::uint32_t copy = 0;
    bool operator>(const Timer& other) const { return at > other.at; }
  };

  Flow& open_flow(const Arrival& arrival);
  void give_up(Flow& flow, const char* why, TimePoint now);
  void start_operation(Flow& flow, TimePoint intended, TimePoint ready);
  void start_attempt(Flow& flow, TimePoint now);
  void submit_copy(Flow& flow, std::uint32_t copy, TimePoint ready, TimePoint now);
  void give_up_copies(Flow& flow, TimePoint now);
  void schedule_copies(Flow& flow, TimePoint now);
  void render(Flow& flow);
  void add_to_digest(const Flow& flow, Duration offset);

  void finish_copy(Exchange& exchange, TimePoint now);
  void record_copy(const Flow& flow, const Exchange& exchange, model::AttemptClass how);
  void finish_attempt(Flow& flow, TimePoint now);
  void account_faults(const Flow& flow);
  bool try_retry(Flow& flow, TimePoint now);
  void finish_operation(Flow& flow, TimePoint now);
  void next_step(Flow& flow, TimePoint now);

  [[nodiscard]] expr::RenderContext context_of(const Flow& flow, WallTime now) const;
  [[nodiscard]] const RequestBuilder& builder_of(const Flow& flow) const;
  [[nodiscard]] Duration after_zero(TimePoint at) const { return at - zero_; }

  const model::Plan& plan_;
  NativeEngine& engine_;
  Recorder& recorder_;
  TimePoint zero_;
  WallTime wall_zero_;  // the wall clock's t = 0
  std::uint64_t max_waiting_;
  FaultDecider decider_;
  StepJudge judge_;
  std::vector<model::FaultCounts> uncounted_;  // for decisions that are only made for the digest
  FlowPool flows_;
  std::vector<std::vector<RequestBuilder>> builders_;  // by step, then replica
  std::vector<RetryBudget> budgets_;                   // by step
  std::vector<StreamId> backoff_streams_;              // by step
  std::vector<RollingMedian> medians_;                 // by step
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<Exchange*> completed_;
  bool abandoning_ = false;  // the drain has ended: nothing new is sent
  std::string digest_buffer_;
};

}  // namespace squall::engine
