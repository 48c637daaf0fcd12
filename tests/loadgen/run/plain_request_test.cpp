// Set-up and teardown: what is sent, in which order, and what a failure changes.
#include "loadgen/run/plain_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/tls_server.hpp"

namespace squall::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

model::RequestSpec post(std::string_view path) {
  return {.method = "POST",
          .shown = "POST " + std::string(path),
          .path = text(path),
          .headers = {},
          .body = {},
          .where = {}};
}

// Answers each connection, which carries one request, as its number says.
HostileServer server_with(const std::vector<std::string>& answers) {
  return HostileServer([answers](unsigned connection) -> HostileServer::Script {
    return {HostileServer::read_request(),
            HostileServer::send(connection < answers.size() ? answers[connection] : ok_answer(""))};
  });
}

const std::string kOops = "HTTP/1.1 500 Oops\r\nContent-Length: 11\r\n\r\ns3cr3t here";

TEST(PlainRequest, SetUpIsSentInOrderAndNumbered) {
  const HostileServer server = server_with({});
  model::Plan plan = one_step_plan(server.port());
  plan.setup = {post("/shop/{{seq}}"), post("/items/{{seq}}?run={{run}}")};
  const run::StopSignal stop;
  ASSERT_TRUE(run::set_up(plan, stop).has_value());
  EXPECT_THAT(server.request_texts(), ElementsAre(StartsWith("POST /shop/0 HTTP/1.1\r\n"),
                                                  StartsWith("POST /items/1?run=r1 HTTP/1.1\r\n")));
}

TEST(PlainRequest, SetUpEndsAtItsFirstFailure) {
  const HostileServer server = server_with({ok_answer(""), kOops});
  model::Plan plan = one_step_plan(server.port());
  plan.secrets = {"s3cr3t"};
  plan.setup = {post("/a"), post("/b"), post("/c")};
  const run::StopSignal stop;
  const auto sent = run::set_up(plan, stop);
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(sent.error().message, AllOf(HasSubstr("POST /b answered 500"), HasSubstr("*** here"),
                                          Not(HasSubstr("s3cr3t"))));
  EXPECT_EQ(server.requests(), 2U);
}

TEST(PlainRequest, SetUpSendsNothingAfterAStopSignal) {
  const HostileServer server = server_with({});
  model::Plan plan = one_step_plan(server.port());
  plan.setup = {post("/a")};
  run::StopSignal stop;
  stop.raise(15);
  EXPECT_TRUE(run::set_up(plan, stop).has_value());
  EXPECT_EQ(server.connections(), 0U);
}

TEST(PlainRequest, TeardownSendsEveryRequestWhateverBecomesOfTheOthers) {
  const HostileServer server = server_with({kOops, ok_answer(""), kOops});
  model::Plan plan = one_step_plan(server.port());
  plan.teardown = {post("/a/{{seq}}"), post("/b/{{seq}}"), post("/c/{{seq}}")};
  EXPECT_THAT(run::tear_down(plan),
              ElementsAre(::testing::Field(&Error::message, HasSubstr("POST /a/{{seq}}")),
                          ::testing::Field(&Error::message, HasSubstr("POST /c/{{seq}}"))));
  EXPECT_THAT(server.request_texts(), SizeIs(3));
  EXPECT_THAT(server.request_texts().back(), StartsWith("POST /c/2 "));
  plan.teardown.clear();
  EXPECT_THAT(run::tear_down(plan), IsEmpty());
}

TEST(PlainRequest, SetUpBehindAnUnknownCertificateIsNotSent) {
  const TlsServer server;
  model::Plan plan = one_step_plan(server.port());
  plan.targets[0].replicas[0].scheme = "https";
  plan.setup = {post("/a")};
  const run::StopSignal stop;
  const auto sent = run::set_up(plan, stop);
  ASSERT_FALSE(sent.has_value());
  EXPECT_THAT(sent.error().message, HasSubstr("certificate"));
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_EQ(server.requests(), 0U);
  plan.targets[0].tls = TlsSettings{.insecure = true};
  EXPECT_TRUE(run::set_up(plan, stop).has_value());
  EXPECT_EQ(server.requests(), 1U);
}

}  // namespace
}  // namespace squall::test
