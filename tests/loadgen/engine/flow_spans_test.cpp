// Operations that are kept one by one, for a tracing backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "loadgen/base/trace_ids.hpp"
#include "tests/loadgen/engine/flow_rig.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using model::AttemptClass;
using model::OperationOutcome;
using testing::HasSubstr;

constexpr const char* kServerError = "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n";
constexpr const char* kNotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

class FlowSpansTest : public testing::TestWithParam<model::EngineKind> {
 protected:
  FlowSpansTest() {
    plan_.load.spans = true;
    plan_.targets[0].engine = GetParam();
    plan_.targets[0].headers = {{"traceparent", text("{{traceparent}}")}};
    plan_.steps[0].retry = {.on = {AttemptClass::kServerError},
                            .attempts = 3,
                            .backoff = std::chrono::milliseconds(1),
                            .max_backoff = std::chrono::milliseconds(2),
                            .jitter = model::Jitter::kNone};
  }

  std::vector<model::OperationSpan> run(const HostileServer& server, const FlowRun& wanted = {}) {
    plan_.targets[0].replicas[0].port = server.port();
    return run_flow(plan_, wanted)->spans;
  }

  model::Plan plan_ = one_step_plan();
};

TEST_P(FlowSpansTest, RetriesAreOfOneSpanWhichTheirRequestsName) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(kServerError),
                        HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const auto spans = run(server);
  ASSERT_EQ(spans.size(), 1U);
  const model::OperationSpan& span = spans[0];
  EXPECT_EQ(span.key, model::make_key(plan_, plan_.steps[0], {3, 0}));
  EXPECT_EQ(span.step, 0);
  EXPECT_EQ(span.arrival, 3U);
  EXPECT_EQ(span.attempts, 2U);
  EXPECT_EQ(span.how, AttemptClass::kSuccess);
  EXPECT_EQ(span.status, 200);
  EXPECT_EQ(span.outcome, OperationOutcome::kAcked);
  EXPECT_EQ(span.exposure, model::Exposure::kClean);
  EXPECT_EQ(span.intended, Duration::zero());
  EXPECT_GT(span.end, span.intended);

  std::string parent = "00-";
  ASSERT_TRUE(append_trace_id(span.key, parent));
  const std::string trace = parent.substr(3);
  parent += '-';
  append_hex64(span_bits(trace), parent);
  parent += "-01";
  ASSERT_EQ(server.requests(), 2U);
  for (const std::string& request : server.request_texts()) {
    EXPECT_THAT(request, HasSubstr("traceparent: " + parent + "\r\n"));
  }
}

TEST_P(FlowSpansTest, TheLastAttemptDecidesWhenNoneSucceeds) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(kServerError),
                        HostileServer::read_request(), HostileServer::send(kNotFound),
                        HostileServer::again()});
  const auto spans = run(server);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].attempts, 2U);
  EXPECT_EQ(spans[0].how, AttemptClass::kClientError);
  EXPECT_EQ(spans[0].status, 404);
  EXPECT_EQ(spans[0].outcome, OperationOutcome::kUnknown);  // of the 500 nobody knows
}

TEST_P(FlowSpansTest, EveryOperationHasOne) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const auto spans = run(server, {.arrivals = {0, 1, 2}});
  ASSERT_EQ(spans.size(), 3U);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].arrival, i);
    EXPECT_EQ(spans[i].key, model::make_key(plan_, plan_.steps[0], {i, 0}));
  }
}

TEST_P(FlowSpansTest, WhatWasNotSentHasOneWithoutAStatus) {
  std::uint16_t free_port = 0;
  {
    const HostileServer gone({HostileServer::stall()});
    free_port = gone.port();
  }
  plan_.targets[0].replicas[0].port = free_port;
  const auto spans = run_flow(plan_)->spans;
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].how, AttemptClass::kRefused);
  EXPECT_EQ(spans[0].status, 0);
  EXPECT_EQ(spans[0].outcome, OperationOutcome::kNotSent);
}

TEST_P(FlowSpansTest, NoneAreKeptUnlessTheyAreWanted) {
  plan_.load.spans = false;
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  EXPECT_TRUE(run(server).empty());
  EXPECT_EQ(server.requests(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Engines, FlowSpansTest,
                         testing::Values(model::EngineKind::kNative, model::EngineKind::kCurl),
                         [](const auto& engine) {
                           return engine.param == model::EngineKind::kNative ? "Native" : "Curl";
                         });

}  // namespace
}  // namespace squall::test
