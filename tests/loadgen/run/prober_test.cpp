// Probes: what is asked beside the load, and what is kept of the answers.
#include "loadgen/run/prober.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/base/clock.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;

model::Probe health() {
  model::Probe probe;
  probe.name = "health";
  probe.request = {.method = "GET",
                   .shown = "GET /healthz",
                   .path = text("/healthz"),
                   .headers = {},
                   .body = {},
                   .where = {}};
  probe.every = 1ms;
  probe.timeout = 2s;
  return probe;
}

TEST(Prober, KeepsEachAnswerWithItsStatus) {
  const HostileServer server([](unsigned connection) -> HostileServer::Script {
    return {HostileServer::read_request(),
            HostileServer::send(connection == 1 ? "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"
                                                : ok_answer(""))};
  });
  model::Plan plan = one_step_plan(server.port());
  plan.probes = {health()};
  run::Prober prober(plan, monotonic_now());
  ASSERT_TRUE(server.wait_until([&] { return server.requests() >= 4; }));
  const std::vector<model::RecordedProbe> recorded = prober.end();
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_EQ(recorded[0].name, "health");
  EXPECT_EQ(recorded[0].request, "GET /healthz");
  ASSERT_GE(recorded[0].answers.size(), 4U);
  EXPECT_EQ(recorded[0].answers[0].status, 200);
  EXPECT_EQ(recorded[0].answers[1].status, 503);
  EXPECT_LE(recorded[0].answers[0].at, recorded[0].answers[1].at);
  EXPECT_THAT(server.request_texts().front(), StartsWith("GET /healthz HTTP/1.1\r\n"));
}

TEST(Prober, SaysWhyThereWasNoAnswer) {
  const HostileServer server([](unsigned) -> HostileServer::Script {
    return {HostileServer::read_request(), HostileServer::send("nonsense\r\n\r\n")};
  });
  model::Plan plan = one_step_plan(server.port());
  plan.probes = {health()};
  run::Prober prober(plan, monotonic_now());
  ASSERT_TRUE(server.wait_until([&] { return server.requests() >= 2; }));
  const std::vector<model::RecordedProbe> recorded = prober.end();
  EXPECT_EQ(recorded[0].answers[0].status, 0);
  EXPECT_NE(recorded[0].answers[0].problem, "");
}

TEST(Prober, WithoutProbesThereIsNothing) {
  const model::Plan plan = one_step_plan(1);
  run::Prober prober(plan, monotonic_now());
  EXPECT_TRUE(prober.end().empty());
}

}  // namespace
}  // namespace squall::test
