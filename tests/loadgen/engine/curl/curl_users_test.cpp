// Virtual users keep their cookies from one iteration to the next, and to themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/flow_rig.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::engine::test {
namespace {

using squall::test::HostileServer;
using testing::HasSubstr;
using testing::Not;

// The texts of the requests that the arrivals with these indices make, one after the other.
std::vector<std::string> requests_of(model::Plan plan, const std::vector<std::uint64_t>& indices) {
  HostileServer server(
      {HostileServer::read_request(),
       HostileServer::send(squall::test::ok_answer("x", "Set-Cookie: who=me; Path=/\r\n")),
       HostileServer::again()});
  plan.targets[0].replicas[0].port = server.port();
  plan.targets[0].engine = model::EngineKind::kCurl;
  plan.targets[0].curl.cookies = true;
  squall::test::run_flow(plan, {.connections = 1, .arrivals = indices});
  return server.request_texts();
}

TEST(CurlUsers, ComeBackWithTheirCookies) {
  model::Plan plan = squall::test::one_step_plan();
  plan.scenarios[0].users = model::Users{
      .stages = {{.over = {}, .from = 2, .to = 2}}, .think = {}, .iterations = 0, .text = {}};
  const auto texts = requests_of(plan, {0, 1, 2, 3});
  ASSERT_EQ(texts.size(), 4U);
  EXPECT_THAT(texts[0], Not(HasSubstr("who=me")));
  EXPECT_THAT(texts[1], Not(HasSubstr("who=me")));
  EXPECT_THAT(texts[2], HasSubstr("Cookie: who=me\r\n"));
  EXPECT_THAT(texts[3], HasSubstr("Cookie: who=me\r\n"));
}

TEST(CurlUsers, ArrivalsOfAnOpenScenarioAreStrangers) {
  for (const std::string& text : requests_of(squall::test::one_step_plan(), {0, 1, 0})) {
    EXPECT_THAT(text, Not(HasSubstr("who=me")));
  }
}

}  // namespace
}  // namespace squall::engine::test
