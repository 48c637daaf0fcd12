// Each documented exit code, from the outside.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/hostile_server.hpp"
#include "tests/support/loopback_port.hpp"

namespace squall::test {
namespace {

using std::chrono::seconds;

HostileServer::Script answering() {
  return {HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
          HostileServer::again()};
}

Process::Options running(const TestDirectory& directory, std::vector<std::string> arguments) {
  Process::Options options{.command = {squall_binary()}, .directory = directory.path()};
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  return options;
}

TEST(ExitCode, ZeroWhenEverythingHolds) {
  HostileServer server(answering());
  const TestDirectory directory;
  const auto plan = directory.write(
      "plan.toml", simple_plan(server.url(""), "[checks]\nrequire = [\"error_rate < 1%\"]\n"));
  const ProcessResult result = squall(directory, {"run", plan, "--out", directory / "run"});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(server.requests(), 50U);
  for (const char* name : {"record.json", "plan.toml", "events.ndjson", "ledger.ndjson",
                           "latency.hlog", "junit.xml", "summary.md"}) {
    EXPECT_TRUE(std::filesystem::exists(directory / ("run/" + std::string(name)))) << name;
  }
}

TEST(ExitCode, OneWhenAThresholdFails) {
  HostileServer server({HostileServer::read_request(),
                        HostileServer::send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
                        HostileServer::again()});
  const TestDirectory directory;
  const auto plan = directory.write(
      "plan.toml", simple_plan(server.url(""), "[checks]\nrequire = [\"error_rate < 1%\"]\n"));
  const ProcessResult result = squall(directory, {"run", plan});
  EXPECT_EQ(result.exit_code, 1) << result.output << result.errors;
  EXPECT_NE(result.output.find("error_rate < 1%"), std::string::npos) << result.output;
}

TEST(ExitCode, TwoForWrongUsage) {
  const TestDirectory directory;
  EXPECT_EQ(squall(directory, {"run"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"run", "no-such-plan.toml"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"rnu", "plan.toml"}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"report", "."}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"--help"}).exit_code, 0);
}

TEST(ExitCode, ThreeWhenTheOracleCannotBeReached) {
  RefusedPort refused;
  const TestDirectory directory;
  std::string text = shop_plan("atomic");
  const std::string relative = "request = \"GET /ledger?limit=10000\"";
  text.replace(text.find(relative), relative.size(),
               "request = \"GET http://127.0.0.1:" + std::to_string(refused.port()) + "/ledger\"");
  const ProcessResult result = squall(directory, {"run", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
}

TEST(ExitCode, ThreeWhenTheGeneratorMissesItsOwnLimits) {
  HostileServer server(answering());
  const TestDirectory directory;
  std::string text = simple_plan(server.url(""), "[checks]\nrequire = [\"response p50 < 1s\"]\n");
  const std::string limit = "lag_p99 = \"2s\"";
  text.replace(text.find(limit), limit.size(), "lag_p99 = \"1ns\"");
  const ProcessResult result = squall(directory, {"run", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_NE(result.output.find("the generator was late"), std::string::npos) << result.output;
}

TEST(ExitCode, FourWhenTheTargetRefuses) {
  RefusedPort refused;
  const TestDirectory directory;
  const std::string url = "http://127.0.0.1:" + std::to_string(refused.port());
  const auto plan = directory.write("plan.toml", simple_plan(url));
  EXPECT_EQ(squall(directory, {"run", plan}).exit_code, 4);
  EXPECT_EQ(squall(directory, {"run", plan, "--set", "preflight=true"}).exit_code, 4);
}

TEST(ExitCode, FiveWhenEffectsAreWrongAndZeroWhenTheyAreNot) {
  const TestDirectory directory;
  const auto racy = directory.write("racy.toml", shop_plan("racy"));
  const ProcessResult caught = squall(directory, {"run", racy});
  EXPECT_EQ(caught.exit_code, 5) << caught.output << caught.errors;
  EXPECT_NE(caught.output.find("double-charge"), std::string::npos) << caught.output;
  const auto atomic = directory.write("atomic.toml", shop_plan("atomic"));
  const ProcessResult passed = squall(directory, {"run", atomic});
  EXPECT_EQ(passed.exit_code, 0) << passed.output << passed.errors;
}

// abort() is what a broken invariant inside squall comes to.
TEST(ExitCode, EightForAnInternalError) {
  HostileServer server({HostileServer::stall()});
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url(""), "", "20s"));
  Process process(running(directory, {"run", plan}));
  ASSERT_TRUE(server.wait_until([&] { return server.bytes_received() > 0; }));
  process.signal(SIGABRT);
  EXPECT_EQ(process.wait(seconds(10)).exit_code, 8);
}

TEST(ExitCode, NineWhenResultsCannotBeWritten) {
  HostileServer server(answering());
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url("")));
  const std::string below_a_file = plan + "/run";
  EXPECT_EQ(squall(directory, {"run", plan, "--out", below_a_file}).exit_code, 9);

  // A disk that fills up in the middle: the limit is what a file may grow to.
  Process::Options options = running(directory, {"run", plan, "--out", directory / "full"});
  options.file_size_limit = 2 * 1024;
  const ProcessResult result = Process(options).wait();
  EXPECT_EQ(result.exit_code, 9) << result.output << result.errors;
  EXPECT_NE(result.output.find("cannot write"), std::string::npos) << result.output;
}

TEST(ExitCode, AClosedStdoutCostsTheTextAndNotTheVerdict) {
  HostileServer server(answering());
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url("")));
  Process::Options options = running(directory, {"run", plan, "--out", directory / "run"});
  options.closed_stdout = true;
  EXPECT_EQ(Process(options).wait().exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(directory / "run/record.json"));
}

TEST(ExitCode, OneHundredThirtyAfterAnInterruptWithTheReportWritten) {
  HostileServer server(answering());
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url(""), "", "60s"));
  Process process(running(directory, {"run", plan, "--out", directory / "run"}));
  ASSERT_TRUE(server.wait_until([&] { return server.requests() > 10; }));
  process.signal(SIGINT);
  const ProcessResult result = process.wait(seconds(15));
  EXPECT_EQ(result.exit_code, 130) << result.output << result.errors;
  EXPECT_TRUE(std::filesystem::exists(directory / "run/record.json"));
}

TEST(ExitCode, ASecondInterruptEndsAtOnce) {
  HostileServer server({HostileServer::stall()});
  const TestDirectory directory;
  std::string text = simple_plan(server.url(""), "", "60s");
  text.replace(text.find("timeout = \"500ms\""), 17, "timeout = \"60s\"  ");
  text.replace(text.find("drain = \"2s\""), 12, "drain = \"60s\"");
  Process process(running(directory, {"run", directory.write("plan.toml", text)}));
  ASSERT_TRUE(server.wait_until([&] { return server.bytes_received() > 0; }));
  process.signal(SIGINT);
  process.signal(SIGTERM);
  const ProcessResult result = process.wait(seconds(5));
  EXPECT_TRUE(result.exit_code == 130 || result.exit_code == 143) << result.exit_code;
}

}  // namespace
}  // namespace squall::test
