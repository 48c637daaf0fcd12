// Workers with virtual users against a real server.
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <vector>

#include "loadgen/base/clock.hpp"
#include "loadgen/engine/closed_driver.hpp"
#include "loadgen/engine/worker.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Totals final : public model::SliceSink {
 public:
  void take(std::unique_ptr<model::WorkerSlice> slice) override {
    const std::lock_guard lock(mutex_);
    counters_.add(slice->counters);
    digest_[0] += slice->digest[0];
    for (const auto& [key, histogram] : slice->operations) {
      response_.merge(*histogram);
    }
  }
  // Once the workers have ended.
  [[nodiscard]] const model::Counters& counters() const { return counters_; }
  [[nodiscard]] const stats::Histogram& response() const { return response_; }
  [[nodiscard]] std::uint64_t digest() const { return digest_[0]; }

 private:
  std::mutex mutex_;
  model::Counters counters_;
  stats::Histogram response_{stats::kSpanLayout};
  std::array<std::uint64_t, 2> digest_{};
};

HostileServer::Script answer_after(Duration pause) {
  return {HostileServer::read_request(), HostileServer::wait(pause),
          HostileServer::send(ok_answer("hi")), HostileServer::again()};
}

model::Plan closed_plan(std::uint16_t port, std::uint32_t users, Duration think = {}) {
  model::Plan plan = one_step_plan(port);
  plan.scenarios[0].arrivals = nullptr;
  plan.scenarios[0].users = model::Users{.stages = {{.from = users, .to = users}},
                                         .think = expr::Distribution::constant(think),
                                         .text = {}};
  return plan;
}

// Runs the plan to its end; how long that took from t = 0.
Duration run(const model::Plan& plan, unsigned workers, Totals& totals) {
  const engine::WorkerControl control;
  engine::IterationBudgets budgets(plan);
  std::vector<std::unique_ptr<engine::Worker>> all;
  for (unsigned i = 0; i < workers; ++i) {
    all.push_back(std::make_unique<engine::Worker>(plan,
                                                   engine::WorkerOptions{.index = i,
                                                                         .count = workers,
                                                                         .connections = 100,
                                                                         .max_waiting = 1000,
                                                                         .iterations = &budgets},
                                                   control, totals));
  }
  const TimePoint zero = monotonic_now() + milliseconds(20);
  for (const auto& worker : all) {
    worker->start(zero);
  }
  for (const auto& worker : all) {
    worker->join();
  }
  return monotonic_now() - zero;
}

TEST(ClosedWorkers, AreNeverMoreThanTheUsersAndDoTheIterationsExactly) {
  HostileServer server(answer_after(milliseconds(20)));
  model::Plan plan = closed_plan(server.port(), 50);
  plan.load.duration = seconds(60);
  plan.scenarios[0].users->iterations = 1234;
  Totals totals;
  const Duration took = run(plan, 2, totals);
  EXPECT_EQ(server.requests(), 1234U);
  EXPECT_EQ(totals.counters().started, 1234U);
  EXPECT_EQ(totals.counters().completed, 1234U);
  EXPECT_EQ(totals.counters().dropped, 0U);
  // A connection is only opened when the others are in use: as many as ever went on at a time.
  EXPECT_LE(server.connections(), 50U);
  EXPECT_GE(server.connections(), 25U);
  EXPECT_GE(took, milliseconds(20) * (1234 / 50));
  EXPECT_LT(took, seconds(50)) << "the last iteration ends the load";
  EXPECT_EQ(totals.digest(), 0U) << "there is no schedule";
}

TEST(ClosedWorkers, WaitForAnswersAndThink) {
  HostileServer server(answer_after(milliseconds(50)));
  const model::Plan plan = closed_plan(server.port(), 4, milliseconds(50));
  Totals totals;
  (void)run(plan, 1, totals);
  // 10 rounds in a second, and one for the part of a think time before the first; a busy machine
  // makes it fewer.
  EXPECT_LE(server.requests(), 4U * 11U);
  EXPECT_GE(server.requests(), 4U * 4U);
  EXPECT_EQ(totals.counters().started, server.requests());
  EXPECT_GE(totals.response().value_at_percentile(50), 50'000);
}

TEST(ClosedWorkers, GoOnAfterFailures) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_rst()});
  model::Plan plan = closed_plan(server.port(), 3, milliseconds(5));
  plan.scenarios[0].users->iterations = 60;
  plan.load.duration = seconds(30);
  Totals totals;
  (void)run(plan, 1, totals);
  EXPECT_EQ(totals.counters().completed, 60U);
}

}  // namespace
}  // namespace squall::test
