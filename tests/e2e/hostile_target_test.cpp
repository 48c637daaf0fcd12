// Targets that misbehave in every way: a clear verdict each, no hang past the drain, nothing
// leaked.
#include <gtest/gtest.h>

#include "loadgen/base/clock.hpp"
#include "loadgen/model/run_record.hpp"
#include "loadgen/model/selection.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using model::AttemptClass;
using std::chrono::seconds;

constexpr const char* kChecks = "[checks]\nrequire = [\"error_rate < 1%\"]\n";

struct Outcome {
  ProcessResult process;
  model::RunRecord record;
  Duration took{};
};

Outcome run_against(const std::string& url) {
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(url, kChecks));
  const TimePoint before = monotonic_now();
  Outcome outcome;
  outcome.process = squall(directory, {"run", plan, "--out", directory / "run"});
  outcome.took = monotonic_now() - before;
  auto record = model::record_from_json(read_file(directory / "run/record.json"));
  EXPECT_TRUE(record.has_value()) << outcome.process.output << outcome.process.errors;
  if (record) {
    outcome.record = std::move(*record);
  }
  return outcome;
}

std::uint64_t attempts_that_ended(const model::RunRecord& record, AttemptClass how) {
  return model::count_attempts(
      record, {.step = {}, .exposure = {}, .phase = {}})[static_cast<std::size_t>(how)];
}

// 1 s of load, a drain of 2 s and time to start and write on a busy machine.
constexpr Duration kLimit = seconds(15);

TEST(HostileTarget, ThatNeverAnswers) {
  HostileServer server({HostileServer::stall()});
  const Outcome outcome = run_against(server.url(""));
  EXPECT_EQ(outcome.process.exit_code, 4) << outcome.process.output;
  EXPECT_LT(outcome.took, kLimit);
  EXPECT_GT(attempts_that_ended(outcome.record, AttemptClass::kTimeout), 0U);
  EXPECT_TRUE(server.wait_until([&] { return server.open_connections() == 0; }));
}

TEST(HostileTarget, ThatAnswersGarbage) {
  HostileServer server({HostileServer::read_request(), HostileServer::send_garbage(400),
                        HostileServer::close_fin()});
  const Outcome outcome = run_against(server.url(""));
  EXPECT_EQ(outcome.process.exit_code, 1) << outcome.process.output;
  EXPECT_EQ(attempts_that_ended(outcome.record, AttemptClass::kMalformed), 50U);
}

TEST(HostileTarget, ThatResetsEveryConnection) {
  HostileServer server({HostileServer::read_request(), HostileServer::close_rst()});
  const Outcome outcome = run_against(server.url(""));
  EXPECT_EQ(outcome.process.exit_code, 1) << outcome.process.output;
  EXPECT_EQ(attempts_that_ended(outcome.record, AttemptClass::kReset), 50U);
}

TEST(HostileTarget, ThatAnswersTenMegabytes) {
  HostileServer server({HostileServer::read_request(), HostileServer::send_large(10'000'000),
                        HostileServer::again()});
  const TestDirectory directory;
  std::string text = simple_plan(server.url(""), kChecks);
  text.replace(text.find("rate = \"50/s\""), 13, "rate = \"5/s\" ");
  text.replace(text.find("timeout = \"500ms\""), 17, "timeout = \"20s\"  ");
  text.replace(text.find("drain = \"2s\""), 12, "drain = \"20s\"");
  const ProcessResult result = squall(directory, {"run", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(server.requests(), 5U);
}

TEST(HostileTarget, ThatSendsAnEndlessHeader) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x')),
                        HostileServer::stall()});
  const Outcome outcome = run_against(server.url(""));
  EXPECT_EQ(outcome.process.exit_code, 1) << outcome.process.output;
  EXPECT_EQ(attempts_that_ended(outcome.record, AttemptClass::kOversized), 50U);
}

TEST(HostileTarget, ThatDiesInTheMiddle) {
  auto server = std::make_unique<HostileServer>(HostileServer::Script{
      HostileServer::read_request(), HostileServer::send(ok_answer("hi")), HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server->url(""), kChecks, "2s"));
  Process::Options options{.command = {squall_binary(), "run", plan, "--out", directory / "run"},
                           .directory = directory.path()};
  Process process(options);
  ASSERT_TRUE(server->wait_until([&] { return server->requests() > 20; }));
  server.reset();
  const ProcessResult result = process.wait(kLimit);
  EXPECT_EQ(result.exit_code, 1) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_GT(attempts_that_ended(*record, AttemptClass::kSuccess), 20U);
  EXPECT_GT(attempts_that_ended(*record, AttemptClass::kRefused), 0U);
}

// Text of the target reaches terminal and files: none of it may act there.
TEST(HostileTarget, WhoseTextTriesToTakeOverTheTerminal) {
  const std::string evil = "\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>";
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 400 Bad\r\nContent-Length: " +
                                            std::to_string(evil.size()) + "\r\n\r\n" + evil),
                        HostileServer::again()});
  const Outcome outcome = run_against(server.url(""));
  EXPECT_EQ(outcome.process.output.find('\x1b'), std::string::npos) << outcome.process.output;
}

}  // namespace
}  // namespace squall::test
