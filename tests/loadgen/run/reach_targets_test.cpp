#include "loadgen/run/reach_targets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;

TEST(ReachTargets, AServerThatListensIsSentNothing) {
  const HostileServer server({HostileServer::read_request()});
  const run::StopSignal stop;
  EXPECT_TRUE(run::reach_targets(one_step_plan(server.port()), stop).has_value());
  EXPECT_EQ(server.requests(), 0U);
}

TEST(ReachTargets, ATargetThatRefusesIsNamed) {
  const RefusedPort refused;
  model::Plan plan = one_step_plan(refused.port());
  plan.targets[0].name = "shop";
  const run::StopSignal stop;
  const auto reached = run::reach_targets(plan, stop);
  ASSERT_FALSE(reached.has_value());
  EXPECT_EQ(reached.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(reached.error().message, HasSubstr("target shop cannot be reached: 127.0.0.1:" +
                                                 std::to_string(refused.port())));
}

TEST(ReachTargets, OneReplicaThatListensIsEnough) {
  const RefusedPort refused;
  const HostileServer server({HostileServer::read_request()});
  model::Plan plan = one_step_plan(refused.port());
  plan.targets[0].replicas.push_back(plan.targets[0].replicas[0]);
  plan.targets[0].replicas[1].port = server.port();
  const run::StopSignal stop;
  EXPECT_TRUE(run::reach_targets(plan, stop).has_value());
}

// The name exists nowhere else.
TEST(ReachTargets, WhoIsBehindAProxyIsAskedForThere) {
  const HostileServer proxy({HostileServer::read_request()});
  model::Plan plan = one_step_plan(8080);
  plan.targets[0].replicas[0].host = "shop.invalid";
  plan.targets[0].curl.proxy = proxy.url("");
  const run::StopSignal stop;
  const auto reached = run::reach_targets(plan, stop);
  EXPECT_TRUE(reached.has_value()) << to_string(reached.error());
}

}  // namespace
}  // namespace squall::test
