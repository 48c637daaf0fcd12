// Runs the iterations of one worker: arrival → steps of its flow → attempts and copies → outcome.
//
//   begin() ─► walk ─► decide faults ─► render ─► engine.submit() … engine.take_completed() ─►
//   judge ─► record
//                ▲            ▲                                              │
//                │            └───────── retry after back-off, next copy ◄───┤
//                └──────────────────────────────── next step ◄───────────────┘
//
// A step whose operation is not acked ends its iteration, unless it says otherwise: later steps
// would act on something that may not exist. What is open beside it goes on to its own end.
//
// Sources: flow_runner.cpp (arrivals, time), flow_walk.cpp (which step is next), flow_attempt.cpp
// (what is sent), flow_changes.cpp (what faults hold back, change or send late), flow_outcome.cpp
// (what came back).
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "loadgen/engine/arrival_schedule.hpp"
#include "loadgen/engine/closed_driver.hpp"
#include "loadgen/engine/engines.hpp"
#include "loadgen/engine/fault_decider.hpp"
#include "loadgen/engine/history_recorder.hpp"
#include "loadgen/engine/iteration.hpp"
#include "loadgen/engine/recorder.hpp"
#include "loadgen/engine/reorder_holds.hpp"
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
    Engines& engine;
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

  // Iterations that are under way.
  [[nodiscard]] std::size_t active() const { return iterations_.active(); }

  // Moves the iterations of closed scenarios that have ended since the last call to `ended`, whose
  // content goes.
  void take_ended(std::vector<EndedIteration>& ended) {
    ended.clear();
    ended.swap(ended_);
  }

 private:
  enum class TimerKind : std::uint8_t { kRetry, kCopy, kStep };
  struct Timer {
    TimePoint at;
    std::uint32_t slot = 0;  // of the operation
    TimerKind kind = TimerKind::kRetry;
    std::uint32_t copy = 0;
    bool operator>(const Timer& other) const { return at > other.at; }
  };
  // What the attempts of a step are made with.
  struct StepTools {
    std::vector<RequestBuilder> builders;  // by caller, then replica
    RetryBudget budget;
    StreamId backoff;
    StreamId think;
    StreamId templates;
    RollingMedian response;
  };

  // flow_runner.cpp
  Operation& open_iteration(const Arrival& arrival);
  void end_iteration(Iteration& iteration);
  void give_up(Operation& first, model::AttemptClass how, std::string why, TimePoint now);
  void drop_attempt(Operation& operation, model::AttemptClass how, std::string why, TimePoint now);

  // flow_walk.cpp
  void walk_ready(TimePoint now);
  void walk(Operation& operation, TimePoint now);
  void begin_step(Operation& operation, const model::Step& step, TimePoint now);
  void pause(Operation& operation, const expr::Distribution& pause);
  void begin_loop(Operation& operation, const model::FlowInstruction& instruction);
  void begin_group(Operation& operation, const model::FlowInstruction& instruction);
  void end_sequence(Operation& operation);
  void end_child(Operation& child);
  [[nodiscard]] bool holds(const Operation& operation,
                           const model::FlowInstruction& instruction) const;
  [[nodiscard]] Duration think_before(const Operation& operation, const model::Step& step,
                                      std::uint32_t visit) const;

  // flow_attempt.cpp
  void start_operation(Operation& operation, TimePoint intended, TimePoint ready);
  void start_attempt(Operation& operation, TimePoint now);
  void launch(Operation& operation, TimePoint ready, TimePoint now);
  // Ends the attempt without sending: the rendered bytes are not the plan's request.
  void refuse(Operation& operation, TimePoint now);
  void submit_copy(Operation& operation, std::uint32_t copy, TimePoint ready, TimePoint now);
  void schedule_copies(Operation& operation, TimePoint now);
  void render(Operation& operation);
  void add_to_digest(const Operation& operation, Duration offset);
  [[nodiscard]] expr::RenderContext context_of(const Operation& operation, WallTime now) const;
  [[nodiscard]] const RequestBuilder& builder_of(const Operation& operation,
                                                 std::uint32_t copy = 0) const;
  [[nodiscard]] std::uint16_t replica_of(const Operation& operation, std::uint32_t copy) const;

  // flow_changes.cpp
  void hold_back(Operation& operation, TimePoint now);
  void release_held(TimePoint now);
  void give_up_held(TimePoint now);
  void set_request(const Operation& operation, Exchange& exchange);
  void move_on_early(Operation& operation, TimePoint now);
  void end_late(Operation& operation);

  // flow_outcome.cpp
  [[nodiscard]] const std::string& caller_name(const Operation& operation) const;
  void finish_copy(Exchange& exchange, TimePoint now);
  void record_copy(const Operation& operation, const Exchange& exchange,
                   const model::AttemptKey& kind);
  void record_ending(const Operation& operation, const Exchange& exchange, model::AttemptClass how);
  // What its detail and, if it failed, its answer's body say.
  [[nodiscard]] std::string seen_of(const Exchange& exchange, model::AttemptClass how) const;
  [[nodiscard]] std::string quote(std::string_view text) const;
  void give_up_copies(Operation& operation, TimePoint now);
  void finish_attempt(Operation& operation, TimePoint now);
  void account_faults(const Operation& operation);
  bool try_retry(Operation& operation, TimePoint now);
  void finish_operation(Operation& operation, TimePoint now);
  // For a tracing backend: allocates, so only with Load::spans.
  void record_span(const Operation& operation, model::OperationOutcome outcome, TimePoint end);
  void move_on(Operation& operation, model::OperationOutcome outcome, TimePoint end, TimePoint now);

  [[nodiscard]] Duration after_zero(TimePoint at) const { return at - zero_; }
  // Of the warm-up is what arrived in it, with all that follows from that arrival.
  [[nodiscard]] model::Phase phase_of(const Operation& operation) const {
    return operation.iteration->warms_up ? model::Phase::kWarmup
                                         : plan_.phases.phase_at(after_zero(operation.intended));
  }
  [[nodiscard]] StepTools& tools_of(const Operation& operation) {
    return tools_[operation.step->index];
  }

  const model::Plan& plan_;
  Engines& engine_;
  Recorder& recorder_;
  TimePoint zero_;
  WallTime wall_zero_;  // the wall clock's t = 0
  std::uint64_t max_waiting_;
  FaultDecider decider_;
  StepJudge judge_;
  HistoryRecorder history_;
  std::vector<model::FaultCounts> uncounted_;  // for decisions that are only made for the digest
  std::vector<model::FlowProgram> programs_;   // by scenario
  std::vector<StreamId> pass_streams_;         // by scenario
  std::vector<StepTools> tools_;               // by step
  Pool<Iteration> iterations_;
  Pool<Operation> operations_;
  std::vector<Operation*> ready_;  // whose flow goes on; empty between two calls from outside
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  ReorderHolds holds_;
  std::vector<Exchange*> completed_;
  std::vector<char> closed_;     // by scenario: whether its model is closed
  std::vector<UserPool> pools_;  // by scenario
  std::vector<EndedIteration> ended_;
  bool abandoning_ = false;  // the drain has ended: nothing new is sent
  std::string digest_buffer_;
  std::vector<expr::GeneratedRange> digest_generated_;
  std::string replica_buffer_;  // a request for another replica, or as a whole
  std::vector<expr::GeneratedRange> replica_generated_;
  std::string change_buffer_;  // a request with another body
};

}  // namespace squall::engine
