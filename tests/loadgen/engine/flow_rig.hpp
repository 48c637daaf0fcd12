// One flow runner over the engines of a plan, for tests that look at what was recorded.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/engine/flow_runner.hpp"
#include "tests/support/run_loop.hpp"

namespace squall::test {

struct FlowRun {
  unsigned connections = 4;
  std::vector<std::uint64_t> arrivals = {3};  // indices; each ends before the next begins
  Duration offset{};                          // at which all of them are due, from t = 0
  std::function<void(const engine::Engines&)> on_turn = [](const engine::Engines&) {};
};

// Runs arrivals of the plan's first scenario to their ends; everything recorded.
inline std::unique_ptr<model::WorkerSlice> run_flow(const model::Plan& plan,
                                                    const FlowRun& wanted = {}) {
  net::Loop loop;
  engine::Engines engines(loop, plan, {.connections = wanted.connections});
  engine::Recorder recorder(plan, 0);
  engine::FlowRunner runner({.plan = plan,
                             .engine = engines,
                             .recorder = recorder,
                             .zero = monotonic_now() - wanted.offset,
                             .max_waiting = 100});
  for (const std::uint64_t index : wanted.arrivals) {
    runner.begin({.offset = wanted.offset, .index = index, .scenario = 0}, monotonic_now());
    EXPECT_TRUE(run_until(loop, [&] {
      const TimePoint now = monotonic_now();
      engines.on_time(now);
      runner.collect(now);
      runner.on_time(now);
      wanted.on_turn(engines);
      return runner.active() == 0;
    }));
  }
  return recorder.turn_over(1);
}

}  // namespace squall::test
