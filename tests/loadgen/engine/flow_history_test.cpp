// What attempts of marked steps become in the history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/model/history_plan.hpp"
#include "tests/loadgen/engine/flow_rig.hpp"
#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using model::HistoryList;
using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::HistoryValue;

class FlowHistoryTest : public testing::Test {
 protected:
  static expr::Template text(const std::string& source) {
    auto parsed = expr::Template::parse(source, {});
    EXPECT_TRUE(parsed.has_value());
    return *std::move(parsed);
  }

  void mark(model::StepHistory marks) {
    plan_.steps[0].history = std::make_shared<model::StepHistory>(std::move(marks));
  }
  void mark_read(const std::string& seen, const std::string& each = "") {
    model::StepHistory marks{.op = HistoryOp::kRead, .key = text("k-{{seq}}"), .each = each};
    marks.seen = *expr::parse_extraction("seen", seen);
    mark(std::move(marks));
  }
  void mark_write() {
    mark({.op = HistoryOp::kWrite, .key = text("k-{{seq}}"), .value = text("{{seq}}")});
  }

  std::vector<HistoryOperation> run(const HostileServer::Script& script) {
    HostileServer server(script);
    plan_.targets[0].replicas[0].port = server.port();
    return run_flow(plan_)->history;
  }
  static HostileServer::Script answer(const std::string& status, const std::string& body,
                                      const std::string& headers = "") {
    return {HostileServer::read_request(),
            HostileServer::send("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body),
            HostileServer::again()};
  }
  HistoryOperation read_of(const std::string& body) {
    const auto history = run(answer("200 OK", body));
    EXPECT_EQ(history.size(), 1U);
    return history.empty() ? HistoryOperation() : history[0];
  }

  model::Plan plan_ = one_step_plan();
};

TEST_F(FlowHistoryTest, PlainStepsHaveNone) {
  EXPECT_TRUE(run(answer("200 OK", "{}")).empty());
}

TEST_F(FlowHistoryTest, AWriteCarriesItsKeyItsValueAndItsTimes) {
  mark_write();
  const auto history = run(answer("200 OK", "{}"));
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0].op, HistoryOp::kWrite);
  EXPECT_EQ(history[0].key, "k-3");
  EXPECT_EQ(history[0].value, HistoryValue(std::int64_t{3}));
  EXPECT_EQ(history[0].outcome, HistoryOutcome::kOk);
  EXPECT_EQ(history[0].arrival, 3U);
  EXPECT_LT(history[0].invoke, history[0].complete);
  EXPECT_GE(history[0].invoke, Duration::zero());
}

TEST_F(FlowHistoryTest, WhatIsCertainlyNotDoneFailsAndTheRestIsInfo) {
  mark_write();
  EXPECT_EQ(run(answer("409 Conflict", "")).at(0).outcome, HistoryOutcome::kFail);
  EXPECT_EQ(run(answer("500 Oops", "")).at(0).outcome, HistoryOutcome::kInfo);
  EXPECT_EQ(run({HostileServer::read_request(), HostileServer::close_rst()}).at(0).outcome,
            HistoryOutcome::kInfo);
  mark_read("json /v");
  EXPECT_EQ(run(answer("500 Oops", "")).at(0).outcome, HistoryOutcome::kFail);
}

TEST_F(FlowHistoryTest, EachRetryIsAnOperation) {
  mark_write();
  plan_.steps[0].retry.on = {model::AttemptClass::kServerError};
  plan_.steps[0].retry.attempts = 2;
  const auto history = run({HostileServer::read_request(),
                            HostileServer::send("HTTP/1.1 503 Oops\r\nContent-Length: 0\r\n\r\n"),
                            HostileServer::read_request(),
                            HostileServer::send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].outcome, HistoryOutcome::kInfo);
  EXPECT_EQ(history[1].outcome, HistoryOutcome::kOk);
  EXPECT_EQ(history[1].attempt, 1U);
  EXPECT_EQ(history[0].client, history[1].client);
}

TEST_F(FlowHistoryTest, AReadSeesWhatItsAnswerShows) {
  mark_read("json /v");
  EXPECT_EQ(read_of(R"({"v": 17})").value, HistoryValue(std::int64_t{17}));
  EXPECT_EQ(read_of(R"({"v": "17"})").value, HistoryValue(std::int64_t{17}));
  EXPECT_EQ(read_of(R"({"v": "x"})").value, HistoryValue(std::string("x")));
  EXPECT_EQ(read_of(R"({"v": null})").value, HistoryValue());
  EXPECT_EQ(read_of(R"({"w": 1})").value, HistoryValue());
  EXPECT_EQ(read_of(R"({"v": [1, 2]})").value,
            HistoryValue(HistoryList{std::int64_t{1}, std::int64_t{2}}));
  mark_read("json /v", "/id");
  EXPECT_EQ(read_of(R"({"v": [{"id": 1}, {"id": "b"}]})").value,
            HistoryValue(HistoryList{std::int64_t{1}, std::string("b")}));
  mark_read("json /v default \"none\"");
  EXPECT_EQ(read_of("{}").value, HistoryValue(std::string("none")));
}

TEST_F(FlowHistoryTest, AnAnswerThatCannotBeReadShowsNothing) {
  mark_read("json /v");
  const HistoryOperation garbled = read_of("not json");
  EXPECT_EQ(garbled.outcome, HistoryOutcome::kFail);
  EXPECT_EQ(garbled.problem, "the answer is no JSON");
  plan_.targets[0].max_body_kept = ByteCount{8};
  const HistoryOperation cut = read_of(R"({"v": [1, 2, 3, 4, 5]})");
  EXPECT_EQ(cut.outcome, HistoryOutcome::kFail);
  EXPECT_EQ(cut.problem, "the answer is longer than max_body_kept of its target");
}

TEST_F(FlowHistoryTest, VersionsComeFromBodiesAndETags) {
  model::StepHistory marks{.op = HistoryOp::kWrite, .key = text("k"), .value = text("{{seq}}")};
  marks.version = *expr::parse_extraction("version", "header \"ETag\"");
  mark(std::move(marks));
  EXPECT_EQ(run(answer("200 OK", "", "ETag: W/\"12\"\r\n")).at(0).version, 12);
  EXPECT_EQ(run(answer("200 OK", "", "ETag: \"abc\"\r\n")).at(0).version, std::nullopt);
  EXPECT_EQ(run(answer("200 OK", "")).at(0).version, std::nullopt);
}

TEST_F(FlowHistoryTest, ACasNamesBothValues) {
  mark(
      {.op = HistoryOp::kCas, .key = text("k"), .value = text("{{seq}}"), .expected = text("old")});
  EXPECT_EQ(run(answer("200 OK", "")).at(0).value,
            HistoryValue(HistoryList{std::string("old"), std::int64_t{3}}));
}

TEST_F(FlowHistoryTest, SecretsStandInNoHistory) {
  plan_.secrets = {"s3cret"};
  mark_read("json /v");
  EXPECT_EQ(read_of(R"({"v": "a s3cret here"})").value, HistoryValue(std::string("a *** here")));
}

}  // namespace
}  // namespace squall::test
