#include "loadgen/run/replay.hpp"

#include <algorithm>
#include <utility>

#include "loadgen/base/clock.hpp"
#include "loadgen/engine/arrival_schedule.hpp"
#include "loadgen/engine/engines.hpp"
#include "loadgen/engine/flow_runner.hpp"
#include "loadgen/engine/recorder.hpp"
#include "loadgen/net/loop.hpp"
#include "loadgen/net/precise_timer.hpp"

namespace squall::run {
namespace {

constexpr Duration kMaxSleep = std::chrono::milliseconds(50);

TimePoint next_instant(const engine::Engines& engines, const engine::FlowRunner& runner,
                       TimePoint now) {
  TimePoint next = now + kMaxSleep;
  for (const auto& deadline : {engines.next_deadline(), runner.next_deadline()}) {
    next = deadline ? std::min(next, *deadline) : next;
  }
  return next;
}

// The longest that an operation may take if everything goes to its limit.
Duration longest_operation(const model::Plan& plan) {
  Duration longest = plan.load.drain;
  for (const model::Step& step : plan.steps) {
    longest += (step.timeout + step.retry.max_backoff) * step.retry.attempts;
  }
  return longest;
}

}  // namespace

std::optional<Duration> offset_of(const model::Plan& plan, std::uint16_t scenario,
                                  std::uint64_t arrival) {
  engine::ArrivalSchedule schedule(plan, 0, 1);
  for (; const engine::Arrival* next = schedule.peek(); schedule.pop()) {
    if (next->scenario == scenario && next->index == arrival) {
      return next->offset;
    }
  }
  return std::nullopt;
}

ReplayedIteration replay_iteration(const model::Plan& plan, std::uint16_t scenario,
                                   std::uint64_t arrival, Duration offset) {
  net::Loop loop;
  net::PreciseTimer timer(loop, [] {});
  engine::Engines engines(loop, plan, {.connections = plan.load.connections});
  engine::Recorder recorder(plan, 0);
  TimePoint now = monotonic_now();
  engine::FlowRunner runner({.plan = plan,
                             .engine = engines,
                             .recorder = recorder,
                             .zero = now - offset,
                             .max_waiting = plan.load.max_waiting});
  const TimePoint give_up = now + longest_operation(plan);
  runner.begin({.offset = offset, .index = arrival, .scenario = scenario}, now);
  while (runner.active() > 0 && now < give_up) {
    timer.arm(next_instant(engines, runner, now));
    loop.wait();
    now = monotonic_now();
    engines.on_time(now);
    runner.collect(now);
    runner.on_time(now);
  }
  runner.abandon_all(now);
  const auto slice = recorder.turn_over(0);
  return {std::move(slice->effect_attempts), std::move(slice->effect_operations)};
}

}  // namespace squall::run
