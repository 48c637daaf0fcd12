#include "loadgen/engine/worker.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/base/check.hpp"
#include "loadgen/base/clock.hpp"
#include "loadgen/engine/engines.hpp"
#include "loadgen/engine/flow_runner.hpp"
#include "loadgen/engine/pacer.hpp"
#include "loadgen/engine/recorder.hpp"
#include "loadgen/engine/start_queue.hpp"
#include "loadgen/net/loop.hpp"

namespace squall::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Arrivals taken up between two loop turns, so that answers are not starved by a burst.
constexpr int kMaxBatch = 64;
// The longest sleep: how soon a worker notices that it is told to stop.
constexpr Duration kMaxSleep = milliseconds(50);

std::int64_t floor_second(Duration offset) {
  return std::chrono::floor<seconds>(offset).count();
}

// The life of one worker, on its thread.
class WorkerLoop {
 public:
  struct Deps {
    const model::Plan& plan;
    const WorkerOptions& options;
    const WorkerControl& control;
    model::SliceSink& sink;
    net::Loop& loop;
    Engines& engine;
    TimePoint zero;
  };

  explicit WorkerLoop(const Deps& deps)
      : plan_(deps.plan),
        options_(deps.options),
        control_(deps.control),
        sink_(deps.sink),
        loop_(deps.loop),
        engine_(deps.engine),
        zero_(deps.zero),
        recorder_(deps.plan, deps.options.index),
        runner_({.plan = plan_,
                 .engine = engine_,
                 .recorder = recorder_,
                 .zero = zero_,
                 .max_waiting = options_.max_waiting}),
        starts_(plan_, options_.index, options_.count, *options_.iterations),
        pacer_(loop_, options_.spin) {}

  void run();

 private:
  void take_up_due(TimePoint now);
  void turn_over(TimePoint now);
  void hand_over(std::int64_t next_second, TimePoint now);
  [[nodiscard]] bool ended(TimePoint now);
  [[nodiscard]] Duration arrivals_end() const;
  [[nodiscard]] TimePoint next_instant(TimePoint now);
  [[nodiscard]] const Arrival* next_arrival();

  const model::Plan& plan_;
  const WorkerOptions& options_;
  const WorkerControl& control_;
  model::SliceSink& sink_;
  net::Loop& loop_;
  Engines& engine_;
  const TimePoint zero_;
  Recorder recorder_;
  FlowRunner runner_;
  StartQueue starts_;
  std::vector<EndedIteration> ended_;
  Pacer pacer_;
  std::int64_t second_ = 0;
  TimePoint second_end_;
  TimePoint slice_start_;
  std::uint64_t idle_before_ = 0;
  // Arrivals of the whole run so far.
  std::uint64_t taken_ = 0;
  std::uint64_t never_taken_ = 0;
  std::uint64_t due_before_ = 0;
};

Duration WorkerLoop::arrivals_end() const {
  return std::min(plan_.load.duration, control_.stop_offset());
}

const Arrival* WorkerLoop::next_arrival() {
  const Arrival* next = starts_.peek();
  return next != nullptr && next->offset < arrivals_end() ? next : nullptr;
}

void WorkerLoop::take_up_due(TimePoint now) {
  for (int taken = 0; taken < kMaxBatch; ++taken) {
    const Arrival* next = next_arrival();
    if (next == nullptr || zero_ + next->offset > now || zero_ + next->offset >= second_end_) {
      return;  // what is due in the next second is counted there
    }
    const Arrival arrival = *next;
    if (!starts_.take()) {
      continue;
    }
    runner_.begin(arrival, now);
    now = monotonic_now();
  }
}

bool WorkerLoop::ended(TimePoint now) {
  if (next_arrival() == nullptr && runner_.active() == 0) {
    return true;
  }
  return now >= zero_ + arrivals_end() + plan_.load.drain;
}

TimePoint WorkerLoop::next_instant(TimePoint now) {
  TimePoint next = std::min(second_end_, now + kMaxSleep);
  if (const Arrival* arrival = next_arrival()) {
    next = std::min(next, zero_ + arrival->offset);
  }
  if (const auto deadline = engine_.next_deadline()) {
    next = std::min(next, *deadline);
  }
  if (const auto deadline = runner_.next_deadline()) {
    next = std::min(next, *deadline);
  }
  return next;
}

void WorkerLoop::run() {
  slice_start_ = monotonic_now();
  idle_before_ = loop_.idle_ns();
  second_ = floor_second(slice_start_ - zero_);
  second_end_ = zero_ + seconds(second_ + 1);
  recorder_.slice().second = second_;
  TimePoint now = slice_start_;
  while (!ended(now)) {
    take_up_due(now);
    pacer_.wait_until(next_instant(now), now);
    now = monotonic_now();
    engine_.on_time(now);
    runner_.collect(now);
    runner_.on_time(now);
    runner_.take_ended(ended_);
    starts_.absorb(ended_, zero_);
    if (now >= second_end_) {
      turn_over(now);
    }
  }
  // Arrivals that were due and never had their turn are owed, not forgotten.
  while (const Arrival* next = next_arrival()) {
    const Arrival arrival = *next;
    if (starts_.take() && zero_ + arrival.offset <= now) {
      ++never_taken_;
      runner_.drop(arrival, now);
    }
  }
  runner_.abandon_all(now);
  recorder_.slice().last = true;
  hand_over(second_ + 1, now);
}

void WorkerLoop::turn_over(TimePoint now) {
  const std::int64_t next_second = floor_second(now - zero_);
  hand_over(next_second, now);
  second_ = next_second;
  second_end_ = zero_ + seconds(second_ + 1);
}

void WorkerLoop::hand_over(std::int64_t next_second, TimePoint now) {
  model::WorkerSlice& slice = recorder_.slice();
  EngineCounters engine = engine_.take_counters();
  model::Counters& counters = slice.counters;
  counters.bytes_sent += engine.bytes_sent;
  counters.bytes_received += engine.bytes_received;
  counters.connections_opened += engine.connections_opened;
  counters.closed_before_send += engine.closed_before_send;
  counters.unsolicited_bytes += engine.unsolicited_bytes;
  slice.tls = std::move(engine.tls);
  counters.decoded_bytes += engine.decoded_bytes;
  counters.follow_ups += engine.follow_ups;
  counters.resends += engine.resends;
  counters.resends_prevented += engine.resends_prevented;
  counters.out_of_descriptors += engine.out_of_descriptors;
  counters.out_of_ports += engine.out_of_ports;
  taken_ += counters.started;
  const Duration counted = std::min({now - zero_, second_end_ - zero_, arrivals_end()});
  const std::uint64_t due = taken_ + never_taken_ + starts_.overdue(counted);
  counters.due = due - std::min(due, due_before_);
  due_before_ = std::max(due, due_before_);
  const std::uint64_t idle = loop_.idle_ns();
  counters.loop_idle_ns = idle - idle_before_;
  idle_before_ = idle;
  counters.loop_spin_ns = pacer_.take_spin_ns();
  const auto wall = static_cast<std::uint64_t>((now - slice_start_).count());
  counters.loop_busy_ns = wall - std::min(wall, counters.loop_idle_ns + counters.loop_spin_ns);
  slice_start_ = now;
  slice.in_flight = static_cast<std::uint32_t>(engine_.in_flight());
  slice.waiting = static_cast<std::uint32_t>(engine_.waiting());
  slice.connections = static_cast<std::uint32_t>(engine_.connections());
  sink_.take(recorder_.turn_over(next_second));
}

}  // namespace

Worker::Worker(const model::Plan& plan, const WorkerOptions& options, const WorkerControl& control,
               model::SliceSink& sink)
    : plan_(plan),
      options_(options),
      control_(control),
      sink_(sink),
      loop_(std::make_unique<net::Loop>()),
      engine_(std::make_unique<Engines>(*loop_, plan,
                                        Engines::Options{.connections = options.connections})) {
  SQUALL_CHECK(options_.iterations != nullptr);
}

Worker::~Worker() {
  join();
}

void Worker::start(TimePoint zero) {
  thread_ = std::thread([this, zero] { run(zero); });
}

void Worker::join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Worker::run(TimePoint zero) {
  WorkerLoop({.plan = plan_,
              .options = options_,
              .control = control_,
              .sink = sink_,
              .loop = *loop_,
              .engine = *engine_,
              .zero = zero})
      .run();
  finished_.store(true, std::memory_order_release);
}

}  // namespace squall::engine
