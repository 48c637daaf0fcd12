// What a flow takes from answers, demands of them, and refuses to send because of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/loadgen/engine/flow_rig.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using model::AttemptClass;
using model::OperationOutcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class FlowAnswersTest : public testing::Test {
 protected:
  FlowAnswersTest() {
    model::Step second = plan_.steps[0];
    second.name = "use";
    second.full_name = "s.use";
    second.index = 1;
    plan_.steps.push_back(second);
    plan_.scenarios[0].steps = {0, 1};
  }

  // The first step takes `source` as {{x}}.
  void take(std::string_view source) {
    plan_.scenarios[0].extracted = {"x"};
    plan_.steps[0].extract = {expr::parse_extraction("x", source).value()};
    plan_.steps[0].extract_slots = {0};
  }
  // The second one sends it.
  void use(std::string_view path, std::string_view header = "") {
    plan_.steps[1].request.path = text(path, {.extracted = {"x"}});
    if (!header.empty()) {
      plan_.steps[1].request.headers = {{"X-Value", text(header, {.extracted = {"x"}})}};
    }
  }
  void expect(std::string_view source) {
    plan_.steps[0].expect.push_back(expr::parse_expectation(source).value());
  }

  std::unique_ptr<model::WorkerSlice> run(const HostileServer& server) {
    plan_.targets[0].replicas[0].port = server.port();
    return run_flow(plan_);
  }

  static std::uint64_t attempts(const model::WorkerSlice& slice, AttemptClass how) {
    std::uint64_t count = 0;
    for (const auto& [key, spans] : slice.attempts) {
      count += key.how == how ? spans->response.count() : 0;
    }
    return count;
  }

  static HostileServer::Script answer(const std::string& text) {
    return {HostileServer::read_request(), HostileServer::send(text), HostileServer::again()};
  }

  model::Plan plan_ = one_step_plan();
};

TEST_F(FlowAnswersTest, ACookieOfOneAnswerIsSentWithTheNextRequest) {
  take("cookie \"sid\"");
  use("/", "sid={{x}}");
  HostileServer server(answer(ok_answer("hi", "Set-Cookie: sid=abc; Path=/\r\n")));
  run(server);
  ASSERT_EQ(server.requests(), 2U);
  EXPECT_THAT(server.request_texts()[1], HasSubstr("\r\nX-Value: sid=abc\r\n"));
}

TEST_F(FlowAnswersTest, HeadersOfChunkedAnswersAreKept) {
  take("header \"Location\"");
  use("{{x}}");
  HostileServer server(
      answer("HTTP/1.1 201 Created\r\nlocation: /items/9?a=b%20c\r\n"
             "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"));
  run(server);
  ASSERT_EQ(server.requests(), 2U);
  EXPECT_THAT(server.request_texts()[1], testing::StartsWith("GET /items/9?a=b%20c HTTP/1.1\r\n"));
}

TEST_F(FlowAnswersTest, AnExpectationHoldsTheOperationsOwnValues) {
  HostileServer server(answer(ok_answer(R"({"number": 3})")));
  plan_.scenarios[0].steps = {0};
  expect("json /number == {{seq}}");
  EXPECT_EQ(attempts(*run(server), AttemptClass::kSuccess), 1U);
  plan_.steps[0].expect.clear();
  expect("json /number == \"{{seq}}\"");
  EXPECT_EQ(attempts(*run(server), AttemptClass::kUnexpected), 1U);
}

TEST_F(FlowAnswersTest, AMissingValueFailsTheStepAndIsCounted) {
  take("json /id");
  HostileServer server(answer(ok_answer("{}")));
  const auto slice = run(server);
  EXPECT_EQ(server.requests(), 1U);
  EXPECT_EQ(attempts(*slice, AttemptClass::kUnexpected), 1U);
  EXPECT_THAT(slice->unmet, ElementsAre(Pair(Pair(0, 0), 1U)));
  EXPECT_THAT(plan_.steps[0].demands(), ElementsAre("extract x: json /id"));
}

TEST_F(FlowAnswersTest, ADefaultOrOptionalValueMayBeMissing) {
  use("/?{{x}}!");
  take("json /id default \"none\"");
  HostileServer server(answer(ok_answer("{}")));
  run(server);
  take("json /id optional");
  run(server);
  ASSERT_EQ(server.requests(), 4U);
  EXPECT_THAT(server.request_texts()[1], testing::StartsWith("GET /?none! "));
  EXPECT_THAT(server.request_texts()[3], testing::StartsWith("GET /?! "));
}

// A target that could put lines into later requests would be testing squall.
TEST_F(FlowAnswersTest, AValueWithALineBreakDoesNotBecomeAHeader) {
  take("json /x");
  use("/", "{{x}}");
  plan_.steps[1].is_effect = true;
  plan_.steps[1].effect_key = text("{{key}}");
  plan_.steps[1].retry = {.on = {AttemptClass::kRefused},
                          .attempts = 2,
                          .backoff = std::chrono::milliseconds(1),
                          .max_backoff = std::chrono::milliseconds(1),
                          .jitter = model::Jitter::kNone,
                          .budget = Share{1.0}};
  for (const char* const value : {"a\\r\\nX-Evil: 1", "a\\nX-Evil: 1", "a\\r", "a\\u0000b",
                                  "a\\r\\n\\r\\nGET /evil HTTP/1.1"}) {
    HostileServer server(answer(ok_answer(std::string("{\"x\":\"") + value + "\"}")));
    const auto slice = run(server);
    EXPECT_EQ(server.requests(), 1U) << value;
    EXPECT_THAT(server.received_from(0), Not(HasSubstr("vil"))) << value;
    EXPECT_EQ(attempts(*slice, AttemptClass::kRefused), 2U) << value;
    ASSERT_EQ(slice->effect_operations.size(), 1U);
    EXPECT_EQ(slice->effect_operations[0].outcome, OperationOutcome::kNotSent);
    EXPECT_THAT(slice->effect_attempts[0].detail, HasSubstr("nothing was sent"));
  }
}

TEST_F(FlowAnswersTest, AValueWithABlankDoesNotEndTheRequestLine) {
  take("json /x");
  use("/items/{{x}}");
  for (const char* const value : {"a HTTP/1.1", " ", "a\\r\\nHost: evil"}) {
    HostileServer server(answer(ok_answer(std::string("{\"x\":\"") + value + "\"}")));
    run(server);
    EXPECT_EQ(server.requests(), 1U) << value;
  }
}

TEST_F(FlowAnswersTest, ABodyMayHoldWhatAHeadMayNot) {
  take("json /x");
  plan_.steps[1].request.method = "POST";
  plan_.steps[1].request.body = text("v={{x}}", {.extracted = {"x"}});
  HostileServer server(answer(ok_answer("{\"x\":\"a\\r\\nb\"}")));
  run(server);
  ASSERT_EQ(server.requests(), 2U);
  EXPECT_THAT(server.request_texts()[1], testing::EndsWith("\r\n\r\nv=a\r\nb"));
}

TEST_F(FlowAnswersTest, AnUnmetExpectationIsAClassOfItsOwnBelow400) {
  expect("status in 200..499");
  expect("size < 1");
  HostileServer good(answer(ok_answer("hi")));
  const auto slice = run(good);
  EXPECT_EQ(attempts(*slice, AttemptClass::kUnexpected), 1U);
  EXPECT_THAT(slice->unmet, ElementsAre(Pair(Pair(0, 1), 1U)));
  HostileServer missing(answer("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nhi"));
  EXPECT_EQ(attempts(*run(missing), AttemptClass::kClientError), 1U);
  HostileServer broken(answer("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nhi"));
  const auto refused = run(broken);
  EXPECT_EQ(attempts(*refused, AttemptClass::kServerError), 1U);
  EXPECT_THAT(refused->unmet, ElementsAre(Pair(Pair(0, 0), 1U)));
  ASSERT_EQ(refused->endings.size(), 1U);
  const auto& [key, ending] = *refused->endings.begin();
  EXPECT_EQ(key, (model::EndingKey{0, AttemptClass::kServerError, 503}));
  EXPECT_EQ(ending.attempts, 1U);
  ASSERT_EQ(ending.examples.size(), 1U);
  EXPECT_THAT(ending.examples[0].detail, testing::HasSubstr("expected status in 200..499"));
}

TEST_F(FlowAnswersTest, SizeCountsWhatWasNotKeptAndTimeIsServiceTime) {
  expect("size == 100000");
  expect("time >= 30ms");
  expect("time < 5s");
  plan_.targets[0].max_body_kept = ByteCount{10};
  HostileServer server({HostileServer::read_request(),
                        HostileServer::wait(std::chrono::milliseconds(40)),
                        HostileServer::send(ok_answer(std::string(100'000, 'x')))});
  const auto slice = run(server);
  EXPECT_GE(attempts(*slice, AttemptClass::kSuccess), 1U);
  EXPECT_TRUE(slice->unmet.empty());
}

}  // namespace
}  // namespace squall::test
