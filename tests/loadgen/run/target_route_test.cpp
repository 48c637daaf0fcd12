// What stands beside the load gets to a target as the load does: through its proxy, with its
// credentials.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/run/oracle_context.hpp"
#include "loadgen/run/plain_request.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

model::RequestSpec request(std::string_view path) {
  return {.method = "GET",
          .shown = "GET " + std::string(path),
          .path = text(path),
          .headers = {},
          .body = {},
          .where = {}};
}

// A target that only its proxy knows, and which wants a password.
model::Plan plan_behind(const HostileServer& proxy) {
  model::Plan plan = one_step_plan(8080);
  model::Target& target = plan.targets[0];
  target.replicas[0].host = "shop.invalid";
  target.engine = model::EngineKind::kCurl;
  target.curl.proxy = proxy.url("");
  target.curl.auth.kind = AuthKind::kBasic;
  target.curl.auth.user = "alice";
  target.curl.auth.password = "s3cr3t";
  return plan;
}

TEST(TargetRoute, SetUpAndTeardownGoThroughTheProxyWithThePassword) {
  const HostileServer proxy({HostileServer::read_request(), HostileServer::send(ok_answer(""))});
  model::Plan plan = plan_behind(proxy);
  plan.setup = {request("/up")};
  plan.teardown = {request("/down")};
  const run::StopSignal stop;
  const auto sent = run::set_up(plan, stop);
  ASSERT_TRUE(sent.has_value()) << to_string(sent.error());
  EXPECT_TRUE(run::tear_down(plan).empty());
  ASSERT_EQ(proxy.requests(), 2U);
  // base64("alice:s3cr3t")
  EXPECT_THAT(proxy.request_texts()[0],
              AllOf(StartsWith("GET http://shop.invalid:8080/up HTTP/1.1\r\n"),
                    HasSubstr("\r\nAuthorization: Basic YWxpY2U6czNjcjN0\r\n")));
  EXPECT_THAT(proxy.request_texts()[1],
              AllOf(StartsWith("GET http://shop.invalid:8080/down HTTP/1.1\r\n"),
                    HasSubstr("\r\nAuthorization: Basic YWxpY2U6czNjcjN0\r\n")));
}

TEST(TargetRoute, APasswordStandsInNoMessage) {
  const HostileServer proxy({HostileServer::read_request(), HostileServer::close_fin()});
  model::Plan plan = plan_behind(proxy);
  plan.secrets = {"s3cr3t"};
  const auto sent = run::send_plain(plan, request("/"), 0);
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().message.find("s3cr3t"), std::string::npos) << sent.error().message;
}

TEST(TargetRoute, OraclesAreToldTheWay) {
  const HostileServer proxy({HostileServer::stall()});
  const model::Plan plan = plan_behind(proxy);
  const model::OracleContext context = run::oracle_context(plan, "plan.toml");
  EXPECT_EQ(context.default_route.proxy, proxy.url(""));
  EXPECT_EQ(context.default_route.auth.user, "alice");
}

}  // namespace
}  // namespace squall::test
