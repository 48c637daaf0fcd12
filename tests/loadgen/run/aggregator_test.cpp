#include "loadgen/run/aggregator.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace squall::test {
namespace {

using model::AttemptClass;
using model::WorkerSlice;
using run::Aggregator;

std::unique_ptr<WorkerSlice> slice(unsigned worker, std::int64_t second, std::int64_t response_us) {
  auto made = std::make_unique<WorkerSlice>();
  made->worker = worker;
  made->second = second;
  made->counters.started = 1;
  made->faults.resize(1);
  made->faults[0].planned = 2;
  auto spans = std::make_unique<model::AttemptSpans<stats::IntervalHistogram>>();
  spans->response.record(response_us);
  made->lag.record(10);
  made->lateness = {{.second = 0, .starts = 1, .late = 1, .worst_ns = response_us}};
  made->attempts[{.step = 0, .phase = {}, .exposure = {}, .how = AttemptClass::kTimeout}] =
      std::move(spans);
  auto operation = std::make_unique<stats::IntervalHistogram>(stats::kSpanLayout);
  operation->record(response_us);
  made->operations[{
      .step = 0, .phase = {}, .exposure = {}, .outcome = model::OperationOutcome::kUnknown}] =
      std::move(operation);
  made->digest = {1, 2};
  return made;
}

class AggregatorTest : public testing::Test {
 protected:
  AggregatorTest() {
    plan_.steps.resize(1);
    plan_.faults.resize(1);
  }
  model::Plan plan_;
};

TEST_F(AggregatorTest, ASecondIsCompleteWhenEveryWorkerHasPassedIt) {
  Aggregator aggregator(plan_, 2);
  aggregator.take(slice(0, 0, 100));
  EXPECT_TRUE(aggregator.collect(Aggregator::Which::kComplete).empty());
  aggregator.take(slice(0, 1, 100));
  aggregator.take(slice(1, 0, 300));
  const auto seconds = aggregator.collect(Aggregator::Which::kComplete);
  ASSERT_EQ(seconds.size(), 1U);
  const model::SecondSummary& summary = seconds[0].delta.seconds.front();
  EXPECT_EQ(summary.second, 0);
  EXPECT_EQ(summary.counters.started, 2U);
  EXPECT_EQ(summary.not_acked, 2U);
  EXPECT_EQ(summary.attempts_failed, 2U);
  EXPECT_EQ(summary.classes[static_cast<std::size_t>(AttemptClass::kTimeout)], 2U);
  EXPECT_EQ(summary.response_max_us, 300);
  EXPECT_EQ(summary.lag_p99_ns, 10);
  ASSERT_EQ(seconds[0].lateness.size(), 1U);
  EXPECT_EQ(seconds[0].lateness[0].starts, 2U);
  EXPECT_EQ(seconds[0].lateness[0].late, 2U);
  EXPECT_EQ(seconds[0].lateness[0].worst_ns, 300);
  EXPECT_EQ(seconds[0].delta.faults[0].counts.planned, 4U);
  EXPECT_EQ(seconds[0].delta.plan_digest[1], 4U);
}

TEST_F(AggregatorTest, WhatWasGivenUpIsSlowerThanAnythingInItsSecond) {
  Aggregator aggregator(plan_, 1);
  auto dropping = slice(0, 0, 100);
  auto waited = std::make_unique<stats::IntervalHistogram>(stats::kSpanLayout);
  waited->record(5);
  dropping->operations[{.step = 0,
                        .phase = {},
                        .exposure = {},
                        .outcome = model::OperationOutcome::kNotSent,
                        .censored = true}] = std::move(waited);
  aggregator.take(std::move(dropping));
  auto nothing_else = slice(0, 1, 100);
  nothing_else->operations.begin()->second->clear();
  nothing_else->operations[{.step = 0,
                            .phase = {},
                            .exposure = {},
                            .outcome = model::OperationOutcome::kNotSent,
                            .censored = true}] = std::make_unique<stats::IntervalHistogram>();
  nothing_else->operations.rbegin()->second->record(5);
  aggregator.take(std::move(nothing_else));
  const auto seconds = aggregator.collect(Aggregator::Which::kAll);
  ASSERT_EQ(seconds.size(), 2U);
  const model::SecondSummary& first = seconds[0].delta.seconds.front();
  EXPECT_EQ(first.response_p50_us, 100);
  EXPECT_GE(first.response_p99_us, 3'600'000'000);
  EXPECT_GE(first.response_max_us, 3'600'000'000);
  EXPECT_GE(seconds[1].delta.seconds.front().response_p50_us, 3'600'000'000);
}

TEST_F(AggregatorTest, AWorkerThatSkipsASecondDoesNotHoldItBack) {
  Aggregator aggregator(plan_, 2);
  aggregator.take(slice(0, 0, 1));
  aggregator.take(slice(1, 5, 1));  // a worker that was not scheduled for five seconds
  EXPECT_EQ(aggregator.collect(Aggregator::Which::kComplete).size(), 1U);
  EXPECT_EQ(aggregator.collect(Aggregator::Which::kAll).size(), 1U);
}

TEST_F(AggregatorTest, TakesFromManyThreads) {
  constexpr unsigned kWorkers = 4;
  constexpr std::int64_t kSeconds = 200;
  Aggregator aggregator(plan_, kWorkers);
  std::vector<std::thread> threads;
  for (unsigned worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&aggregator, worker] {
      for (std::int64_t second = 0; second < kSeconds; ++second) {
        aggregator.take(slice(worker, second, second + 1));
      }
    });
  }
  std::size_t collected = 0;
  std::int64_t next = 0;
  while (collected < kSeconds) {
    aggregator.wait(std::chrono::milliseconds(50));
    for (const auto& second : aggregator.collect(Aggregator::Which::kComplete)) {
      EXPECT_EQ(second.delta.seconds.front().second, next++);
      EXPECT_EQ(second.delta.totals.started, kWorkers);
      ++collected;
    }
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(aggregator.collect(Aggregator::Which::kAll).empty());
}

TEST_F(AggregatorTest, TlsAddsUpByTarget) {
  plan_.targets.resize(2);
  plan_.targets[1].name = "shop";
  Aggregator aggregator(plan_, 2);
  for (const unsigned worker : {0U, 1U}) {
    auto made = slice(worker, 0, 100);
    made->tls.resize(2);
    made->tls[1] = {4, 1, {{"TLSv1.3", "A", 3}, {"TLSv1.3", worker == 0 ? "B" : "C", 1}}};
    aggregator.take(std::move(made));
  }
  const auto seconds = aggregator.collect(Aggregator::Which::kAll);
  ASSERT_EQ(seconds.size(), 1U);
  ASSERT_EQ(seconds[0].delta.tls.size(), 1U);
  const model::RecordedTls& tls = seconds[0].delta.tls[0];
  EXPECT_EQ(tls.target, "shop");
  EXPECT_EQ(tls.use.handshakes, 8U);
  EXPECT_EQ(tls.use.resumed, 2U);
  ASSERT_EQ(tls.use.suites.size(), 3U);
  EXPECT_EQ(tls.use.suites[0].handshakes, 6U);
}

}  // namespace
}  // namespace squall::test
