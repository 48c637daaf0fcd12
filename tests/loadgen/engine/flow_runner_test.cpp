// Operations from arrival to outcome, over real sockets, one loop, no threads.
#include <gtest/gtest.h>

#include <memory>

#include "tests/loadgen/engine/flow_rig.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/run_loop.hpp"

namespace squall::test {
namespace {

using engine::Engines;
using engine::FlowRunner;
using engine::Recorder;
using model::AttemptClass;
using model::OperationOutcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kOops = "HTTP/1.1 503 Oops\r\nContent-Length: 0\r\n\r\n";

// A fault made for the test: does to the script what it is told.
class ScriptedFault final : public model::ClientFault {
 public:
  explicit ScriptedFault(std::function<void(model::WireScript&)> change)
      : change_(std::move(change)) {}
  Result<void> apply(model::WireScript& script, const model::FaultContext& /*context*/,
                     model::FaultDraw& /*draw*/) const override {
    change_(script);
    return {};
  }

 private:
  std::function<void(model::WireScript&)> change_;
};

class FlowRunnerTest : public testing::Test {
 protected:
  void add_fault(std::function<void(model::WireScript&)> change) {
    static const model::ClientFaultKind kind = [] {
      model::ClientFaultKind made{};
      made.name = "scripted";
      return made;
    }();
    model::PlannedFault fault;
    fault.name = "scripted";
    fault.kind = &kind;
    fault.selection.stream = StreamId(plan_.seed, "s", "scripted");
    fault.selection.steps = {0};
    fault.fault = std::make_shared<ScriptedFault>(std::move(change));
    plan_.faults.push_back(fault);
  }

  // Runs one arrival to its end; the slice of everything recorded.
  std::unique_ptr<model::WorkerSlice> run(const HostileServer& server, Duration offset = {}) {
    plan_.targets[0].replicas[0].port = server.port();
    return run_flow(plan_, {.offset = offset});
  }

  std::uint64_t attempts(const model::WorkerSlice& slice, AttemptClass how) {
    std::uint64_t count = 0;
    for (const auto& [key, spans] : slice.attempts) {
      count += key.how == how ? spans->response.count() : 0;
    }
    return count;
  }

  OperationOutcome outcome(const model::WorkerSlice& slice) {
    EXPECT_EQ(slice.operations.size(), 1U);
    return slice.operations.begin()->first.outcome;
  }

  static HostileServer::Script answer(const std::string& text) {
    return {HostileServer::read_request(), HostileServer::send(text), HostileServer::again()};
  }

  model::Plan plan_ = one_step_plan();
};

TEST_F(FlowRunnerTest, APlainOperationIsAcked) {
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  EXPECT_EQ(outcome(*slice), OperationOutcome::kAcked);
  EXPECT_EQ(attempts(*slice, AttemptClass::kSuccess), 1U);
  EXPECT_EQ(slice->counters.started, 1U);
  EXPECT_EQ(slice->counters.completed, 1U);
  EXPECT_EQ(slice->operations.begin()->first.exposure, model::Exposure::kClean);
  EXPECT_NE(slice->digest[0], 0U);
}

TEST_F(FlowRunnerTest, AnArrivalBeforeZeroBelongsToTheWarmup) {
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server, -milliseconds(500));
  EXPECT_EQ(slice->operations.begin()->first.phase, model::Phase::kWarmup);
}

TEST_F(FlowRunnerTest, A4xxIsRejectedA5xxUnknown) {
  HostileServer missing(answer("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(outcome(*run(missing)), OperationOutcome::kRejected);
  HostileServer broken(answer(kOops));
  EXPECT_EQ(outcome(*run(broken)), OperationOutcome::kUnknown);
}

TEST_F(FlowRunnerTest, AnUnmetExpectationIsNoSuccess) {
  plan_.steps[0].expect = {expr::parse_expectation("json /status == \"done\"").value()};
  HostileServer server(answer(ok_answer("{\"status\":\"pending\"}")));
  const auto slice = run(server);
  EXPECT_EQ(attempts(*slice, AttemptClass::kUnexpected), 1U);
  EXPECT_EQ(outcome(*slice), OperationOutcome::kUnknown);
}

TEST_F(FlowRunnerTest, RetriesUntilASuccessUnderTheSameKey) {
  plan_.steps[0].retry = {.on = {AttemptClass::kServerError},
                          .attempts = 4,
                          .backoff = milliseconds(1),
                          .max_backoff = milliseconds(1),
                          .jitter = model::Jitter::kNone,
                          .budget = Share{1.0}};
  plan_.steps[0].request.headers = {{"Idempotency-Key", text("{{key}}")}};
  HostileServer server({HostileServer::read_request(), HostileServer::send(kOops),
                        HostileServer::read_request(), HostileServer::send(kOops),
                        HostileServer::read_request(), HostileServer::send(ok_answer("hi"))});
  const auto slice = run(server);
  EXPECT_EQ(outcome(*slice), OperationOutcome::kAcked);
  EXPECT_EQ(slice->counters.retries, 2U);
  EXPECT_EQ(attempts(*slice, AttemptClass::kServerError), 2U);
  const auto requests = server.request_texts();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0], requests[1]);
  EXPECT_EQ(requests[0], requests[2]);
}

TEST_F(FlowRunnerTest, StopsRetryingAtItsLimit) {
  plan_.steps[0].retry = {.on = {AttemptClass::kServerError},
                          .attempts = 3,
                          .backoff = milliseconds(1),
                          .max_backoff = milliseconds(1),
                          .jitter = model::Jitter::kNone,
                          .budget = Share{1.0}};
  HostileServer server(answer(kOops));
  EXPECT_EQ(outcome(*run(server)), OperationOutcome::kUnknown);
  EXPECT_EQ(server.requests(), 3U);
}

TEST_F(FlowRunnerTest, CopiesAreOneOperationAndTwoAttempts) {
  add_fault([](model::WireScript& script) { script.copies.count = 2; });
  plan_.steps[0].is_effect = true;
  plan_.steps[0].effect_key = text("{{key}}");
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  EXPECT_EQ(server.requests(), 2U);
  EXPECT_EQ(outcome(*slice), OperationOutcome::kAcked);
  EXPECT_EQ(slice->operations.begin()->first.exposure, model::Exposure::kFaulted);
  ASSERT_EQ(slice->effect_attempts.size(), 2U);
  EXPECT_EQ(slice->effect_attempts[0].key, slice->effect_attempts[1].key);
  EXPECT_EQ(slice->effect_attempts[0].faults, (std::vector<std::uint16_t>{0}));
  ASSERT_EQ(slice->effect_operations.size(), 1U);
  EXPECT_EQ(slice->effect_operations[0].attempts, 2U);
  EXPECT_EQ(slice->faults[0].planned, 1U);
  EXPECT_EQ(slice->faults[0].fired, 1U);
}

TEST_F(FlowRunnerTest, CopiesAfterTheResponseFollowOneAnother) {
  add_fault([](model::WireScript& script) {
    script.copies = {.count = 3,
                     .spacing = model::CopySpacing::kAfterResponse,
                     .delay = {},
                     .connection = model::CopyConnection::kSame};
  });
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  EXPECT_EQ(server.requests(), 3U);
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_EQ(slice->faults[0].fired, 1U);
}

TEST_F(FlowRunnerTest, DelayedCopiesComeLater) {
  add_fault([](model::WireScript& script) {
    script.copies = {.count = 2,
                     .spacing = model::CopySpacing::kDelayed,
                     .delay = milliseconds(20),
                     .connection = model::CopyConnection::kAny};
  });
  plan_.steps[0].is_effect = true;
  plan_.steps[0].effect_key = text("{{key}}");
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  ASSERT_EQ(slice->effect_attempts.size(), 2U);
  EXPECT_GE(slice->effect_attempts[1].first_byte - slice->effect_attempts[0].first_byte,
            milliseconds(19));
}

TEST_F(FlowRunnerTest, ALostAckIsRetriedAndCountedAsFired) {
  add_fault([](model::WireScript& script) {
    script.cut = model::WireCut{.at = model::WirePoint::kAfterSend, .how = model::CutHow::kFin};
  });
  plan_.steps[0].retry = {.on = {AttemptClass::kCut},
                          .attempts = 2,
                          .backoff = milliseconds(1),
                          .max_backoff = milliseconds(1),
                          .jitter = model::Jitter::kNone,
                          .budget = Share{1.0}};
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  EXPECT_EQ(attempts(*slice, AttemptClass::kCut), 1U);
  EXPECT_EQ(attempts(*slice, AttemptClass::kSuccess), 1U);
  EXPECT_EQ(outcome(*slice), OperationOutcome::kAcked);
  EXPECT_EQ(slice->faults[0].fired, 1U);
  EXPECT_TRUE(server.wait_until([&] { return server.requests() == 2; }));
}

TEST_F(FlowRunnerTest, AFaultWhoseTargetRefusesIsPreempted) {
  add_fault([](model::WireScript& script) {
    script.cut = model::WireCut{.at = model::WirePoint::kDuringResponse};
  });
  HostileServer server({HostileServer::read_request(), HostileServer::close_rst()});
  const auto slice = run(server);
  EXPECT_EQ(slice->faults[0].planned, 1U);
  EXPECT_EQ(slice->faults[0].fired, 0U);
  EXPECT_EQ(slice->faults[0].preempted, 1U);
  EXPECT_TRUE(slice->unfired.empty());
}

TEST_F(FlowRunnerTest, ASecondStepUsesWhatTheFirstExtracted) {
  plan_.scenarios[0].extracted = {"id"};
  plan_.steps[0].extract = {expr::parse_extraction("id", "json /id").value()};
  plan_.steps[0].extract_slots = {0};
  model::Step second = plan_.steps[0];
  second.name = "read";
  second.full_name = "s.read";
  second.index = 1;
  second.extract.clear();
  second.extract_slots.clear();
  second.request.path = text("/items/{{id}}", {.extracted = {"id"}});
  plan_.steps.push_back(second);
  plan_.scenarios[0].steps = {0, 1};
  HostileServer server(answer(ok_answer("{\"id\":\"i-42\"}")));
  const auto slice = run(server);
  const auto requests = server.request_texts();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].substr(0, 16), "GET /items/i-42 ");
  EXPECT_EQ(slice->counters.completed, 2U);
}

TEST_F(FlowRunnerTest, WhatIsOpenAtTheEndOfTheDrainIsRecordedEvenIfItWouldBeRetried) {
  HostileServer server({HostileServer::stall()});
  plan_.targets[0].replicas[0].port = server.port();
  plan_.steps[0].is_effect = true;
  plan_.steps[0].effect_key = text("{{key}}");
  plan_.steps[0].retry = {.on = {AttemptClass::kTimeout, AttemptClass::kDropped},
                          .attempts = 5,
                          .backoff = milliseconds(1),
                          .max_backoff = milliseconds(1),
                          .jitter = model::Jitter::kNone,
                          .budget = Share{1.0}};
  add_fault([](model::WireScript& script) {
    script.copies = {.count = 3,
                     .spacing = model::CopySpacing::kDelayed,
                     .delay = seconds(60),
                     .connection = model::CopyConnection::kAny};
  });
  net::Loop loop;
  Engines native(loop, plan_, {.connections = 1});
  Recorder recorder(plan_, 0);
  const TimePoint now = monotonic_now();
  FlowRunner runner(
      {.plan = plan_, .engine = native, .recorder = recorder, .zero = now, .max_waiting = 10});
  for (std::uint64_t i = 0; i < 3; ++i) {
    runner.begin({.offset = {}, .index = i, .scenario = 0}, now);
  }
  runner.abandon_all(monotonic_now());
  EXPECT_EQ(runner.active(), 0U);
  const auto slice = recorder.turn_over(1);
  EXPECT_EQ(slice->effect_operations.size(), 3U);
  EXPECT_EQ(slice->counters.retries, 0U);
  EXPECT_EQ(slice->faults[0].planned, slice->faults[0].preempted);
}

TEST_F(FlowRunnerTest, LagIsKnownFromTheTakeUpOnUnderTheSecondThatWasDue) {
  HostileServer server({HostileServer::stall()});
  plan_.targets[0].replicas[0].port = server.port();
  net::Loop loop;
  Engines native(loop, plan_, {.connections = 1});
  Recorder recorder(plan_, 0);
  const TimePoint zero = monotonic_now() - milliseconds(1500);
  FlowRunner runner(
      {.plan = plan_, .engine = native, .recorder = recorder, .zero = zero, .max_waiting = 10});
  const TimePoint now = zero + milliseconds(1500);
  runner.begin({.offset = milliseconds(900), .index = 0, .scenario = 0}, now);
  runner.begin({.offset = milliseconds(1499), .index = 1, .scenario = 0}, now);
  const auto slice = recorder.turn_over(2);  // nothing has been answered yet
  EXPECT_EQ(slice->lag.count(), 2U);
  ASSERT_EQ(slice->lateness.size(), 2U);
  EXPECT_EQ(slice->lateness[0].second, 0);
  EXPECT_EQ(slice->lateness[0].starts, 1U);
  EXPECT_EQ(slice->lateness[0].late, 1U);
  EXPECT_EQ(slice->lateness[0].worst_ns, 600'000'000);
  EXPECT_EQ(slice->lateness[1].second, 1);
  EXPECT_EQ(slice->lateness[1].late, 0U);
  runner.abandon_all(now);
  EXPECT_TRUE(recorder.turn_over(3)->lateness.empty());
}

TEST_F(FlowRunnerTest, WhatHasNoAnswerAtTheEndOfTheDrainIsNoSampleOfItsElapsedTime) {
  HostileServer silent({HostileServer::stall()});
  plan_.targets[0].replicas[0].port = silent.port();
  net::Loop loop;
  Engines native(loop, plan_, {.connections = 1});
  Recorder recorder(plan_, 0);
  const TimePoint now = monotonic_now();
  FlowRunner runner(
      {.plan = plan_, .engine = native, .recorder = recorder, .zero = now, .max_waiting = 10});
  runner.begin({.offset = {}, .index = 0, .scenario = 0}, now);  // has the connection
  runner.begin({.offset = {}, .index = 1, .scenario = 0}, now);  // waits for it
  runner.abandon_all(monotonic_now());
  const auto slice = recorder.turn_over(1);
  ASSERT_EQ(slice->operations.size(), 1U);
  EXPECT_TRUE(slice->operations.begin()->first.censored);
  ASSERT_EQ(slice->attempts.size(), 2U);
  for (const auto& [key, spans] : slice->attempts) {
    EXPECT_TRUE(key.censored) << model::to_string(key.how);
    EXPECT_EQ(spans->queue.count(), 1U);
  }
}

TEST_F(FlowRunnerTest, ARealTimeoutIsASampleOfItsElapsedTime) {
  plan_.steps[0].timeout = milliseconds(20);
  HostileServer silent({HostileServer::stall()});
  const auto slice = run(silent);
  EXPECT_EQ(attempts(*slice, AttemptClass::kTimeout), 1U);
  EXPECT_FALSE(slice->attempts.begin()->first.censored);
  EXPECT_FALSE(slice->operations.begin()->first.censored);
}

TEST_F(FlowRunnerTest, ACopyThatIsCutOffByTheDrainDoesNotUndoTheAnswerOfAnother) {
  add_fault([](model::WireScript& script) {
    script.copies = {.count = 2,
                     .spacing = model::CopySpacing::kDelayed,
                     .delay = milliseconds(1),
                     .connection = model::CopyConnection::kAny};
  });
  HostileServer server([](unsigned connection) {
    return connection == 0
               ? HostileServer::Script{HostileServer::read_request(),
                                       HostileServer::send(ok_answer("hi")), HostileServer::stall()}
               : HostileServer::Script{HostileServer::stall()};
  });
  plan_.targets[0].replicas[0].port = server.port();
  net::Loop loop;
  net::PreciseTimer timer(loop, [] {});
  Engines native(loop, plan_, {.connections = 4});
  Recorder recorder(plan_, 0);
  FlowRunner runner({.plan = plan_,
                     .engine = native,
                     .recorder = recorder,
                     .zero = monotonic_now(),
                     .max_waiting = 100});
  runner.begin({.offset = {}, .index = 0, .scenario = 0}, monotonic_now());
  ASSERT_TRUE(run_until(loop, [&] {
    const TimePoint now = monotonic_now();
    timer.arm(now + milliseconds(1));
    native.on_time(now);
    runner.collect(now);
    runner.on_time(now);
    return recorder.counters().attempts == 1 && native.in_flight() == 1;
  }));
  runner.abandon_all(monotonic_now());
  const auto slice = recorder.turn_over(1);
  EXPECT_EQ(outcome(*slice), OperationOutcome::kAcked);
  EXPECT_FALSE(slice->operations.begin()->first.censored);
}

TEST_F(FlowRunnerTest, OnlyTheCopiesOfAFreshConnectionDuplicateAskForOne) {
  add_fault([](model::WireScript& script) {
    script.copies = {.count = 2,
                     .spacing = model::CopySpacing::kAfterResponse,
                     .delay = {},
                     .connection = model::CopyConnection::kFresh};
  });
  HostileServer server(answer(ok_answer("hi")));
  plan_.targets[0].replicas[0].port = server.port();
  net::Loop loop;
  net::PreciseTimer timer(loop, [] {});
  Engines native(loop, plan_, {.connections = 8});
  Recorder recorder(plan_, 0);
  FlowRunner runner({.plan = plan_,
                     .engine = native,
                     .recorder = recorder,
                     .zero = monotonic_now(),
                     .max_waiting = 100});
  for (std::uint64_t i = 0; i < 2; ++i) {
    runner.begin({.offset = {}, .index = i, .scenario = 0}, monotonic_now());
    ASSERT_TRUE(run_until(loop, [&] {
      const TimePoint now = monotonic_now();
      timer.arm(now + milliseconds(1));
      native.on_time(now);
      runner.collect(now);
      runner.on_time(now);
      return runner.active() == 0;
    }));
  }
  EXPECT_EQ(server.requests(), 4U);
  EXPECT_EQ(server.connections(), 3U) << "the second attempt itself takes a warm connection";
  EXPECT_EQ(recorder.faults()[0].fired, 2U);
}

TEST_F(FlowRunnerTest, ASecretThatTheCutGoesThroughIsNotQuoted) {
  plan_.secrets = {"s3cr3t-token"};
  plan_.steps[0].is_effect = true;
  plan_.steps[0].effect_key = text("{{key}}");
  const std::string body = std::string(155, '.') + "s3cr3t-token";
  HostileServer server(answer(
      "HTTP/1.1 500 Oops\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  const auto slice = run(server);
  ASSERT_EQ(slice->effect_attempts.size(), 1U);
  EXPECT_EQ(slice->effect_attempts[0].detail, std::string(155, '.') + "***");
}

TEST_F(FlowRunnerTest, ALaterCopyIsNotTheGeneratorsLateness) {
  add_fault([](model::WireScript& script) {
    script.copies = {.count = 2,
                     .spacing = model::CopySpacing::kDelayed,
                     .delay = milliseconds(50),
                     .connection = model::CopyConnection::kAny};
  });
  HostileServer server(answer(ok_answer("hi")));
  const auto slice = run(server);
  ASSERT_EQ(slice->attempts.size(), 1U);
  EXPECT_LT(slice->attempts.begin()->second->lag.max(), 40'000'000);
}

TEST_F(FlowRunnerTest, AFullQueueDropsTheArrivalAndSaysSo) {
  HostileServer server({HostileServer::stall()});
  plan_.targets[0].replicas[0].port = server.port();
  net::Loop loop;
  Engines native(loop, plan_, {.connections = 1});
  Recorder recorder(plan_, 0);
  const TimePoint now = monotonic_now();
  FlowRunner runner(
      {.plan = plan_, .engine = native, .recorder = recorder, .zero = now, .max_waiting = 2});
  for (std::uint64_t i = 0; i < 5; ++i) {
    runner.begin({.offset = {}, .index = i, .scenario = 0}, now);
  }
  EXPECT_EQ(recorder.counters().dropped, 2U);  // one has the connection, two wait
  runner.abandon_all(monotonic_now());
  EXPECT_EQ(runner.active(), 0U);
  EXPECT_EQ(recorder.counters().dropped, 4U);  // those that waited never started
  const auto slice = recorder.turn_over(1);
  EXPECT_EQ(attempts(*slice, AttemptClass::kDropped), 4U);
  EXPECT_EQ(attempts(*slice, AttemptClass::kTimeout), 1U);
}

TEST_F(FlowRunnerTest, AnArrivalWithoutARowFailsByNameAndSendsNothing) {
  HostileServer server(answer(ok_answer("hi")));
  plan_.scenarios[0].arrivals_with_rows = 4;
  plan_.scenarios[0].shortest_feeder = "users";
  plan_.steps[0].is_effect = true;
  plan_.steps[0].effect_key = text("{{key}}");
  EXPECT_EQ(outcome(*run(server)), OperationOutcome::kAcked);  // arrival 3 has the last one
  plan_.scenarios[0].arrivals_with_rows = 3;
  const auto slice = run(server);
  EXPECT_EQ(server.requests(), 1U);
  EXPECT_EQ(outcome(*slice), OperationOutcome::kNotSent);
  EXPECT_EQ(attempts(*slice, AttemptClass::kNoData), 1U);
  EXPECT_EQ(slice->counters.dropped, 1U);
  ASSERT_EQ(slice->effect_attempts.size(), 1U);
  EXPECT_EQ(slice->effect_attempts[0].detail, "feeder users has no more rows");
}

}  // namespace
}  // namespace squall::test
