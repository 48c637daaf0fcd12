// Each documented exit code, from the outside.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"
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
                           "latency.hlog", "junit.xml", "summary.md", "report.html"}) {
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

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

// Starts a run of two seconds, 50 arrivals a second, and stops squall for a second when the target
// has seen so many requests: a machine that has other things to do.
model::RunRecord run_with_a_pause(HostileServer& server, unsigned requests_before,
                                  const TestDirectory& directory) {
  std::string text =
      simple_plan(server.url(""), "[checks]\nrequire = [\"response p50 < 60s\"]\n", "2s");
  text = replaced(text, "lag_p99 = \"2s\"", "lag_p99 = \"300ms\"");
  text = replaced(text, "timeout = \"500ms\"", "timeout = \"10s\"");
  text = replaced(text, "drain = \"2s\"", "drain = \"10s\"");
  text = replaced(text, "connections = 8", "connections = 150");
  Process process(
      running(directory, {"run", directory.write("plan.toml", text), "--out", directory / "run"}));
  EXPECT_TRUE(server.wait_until([&] { return server.requests() >= requests_before; }));
  process.signal(SIGSTOP);
  EXPECT_FALSE(server.wait_until([] { return false; }, seconds(1)));  // the pause itself
  process.signal(SIGCONT);
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  EXPECT_TRUE(record.has_value());
  return record.value_or(model::RunRecord{});
}

TEST(ExitCode, ThreeWhenTheGeneratorIsLateInItsLastSecond) {
  HostileServer server(answering());
  const TestDirectory directory;
  const model::RunRecord record = run_with_a_pause(server, 70, directory);
  ASSERT_EQ(record.breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(record.breaches[0].from_second, 1.0);
}

TEST(ExitCode, ThreeFromTheSecondOnThatWasLateHoweverSlowTheTarget) {
  HostileServer server({HostileServer::read_request(), HostileServer::wait(seconds(3)),
                        HostileServer::send(ok_answer("hi")), HostileServer::again()});
  const TestDirectory directory;
  const model::RunRecord record = run_with_a_pause(server, 15, directory);
  ASSERT_EQ(record.breaches.size(), 1U);
  EXPECT_DOUBLE_EQ(record.breaches[0].from_second, 0.0);
}

TEST(ExitCode, ThreeWhenDescriptorsRunOut) {
  // Slow, so that more connections are wanted than there are descriptors.
  HostileServer server({HostileServer::read_request(), HostileServer::wait(seconds(2)),
                        HostileServer::send(ok_answer("hi")), HostileServer::again()});
  const TestDirectory directory;
  std::string text =
      simple_plan(server.url(""), "[checks]\nrequire = [\"error_rate < 1%\"]\n", "2s");
  text = replaced(text, "timeout = \"500ms\"", "timeout = \"5s\"");
  text = replaced(text, "connections = 8", "connections = 150");
  Process::Options options =
      running(directory, {"run", directory.write("plan.toml", text), "--out", directory / "run"});
  options.descriptor_limit = 60;
  const ProcessResult result = Process(options).wait();
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_NE(result.output.find("out of descriptors"), std::string::npos) << result.output;
}

TEST(ExitCode, OneWhenNearlyNothingIsAnsweredByTheEndOfTheDrain) {
  HostileServer server([](unsigned connection) {
    return connection == 0
               ? HostileServer::Script{HostileServer::read_request(),
                                       HostileServer::send(ok_answer("hi")), HostileServer::stall()}
               : HostileServer::Script{HostileServer::stall()};
  });
  const TestDirectory directory;
  std::string text =
      simple_plan(server.url(""), "[checks]\nrequire = [\"response p95 < 5s\"]\n", "2s");
  text = replaced(text, "timeout = \"500ms\"", "timeout = \"60s\"");
  text = replaced(text, "connections = 8", "connections = 150");
  const ProcessResult result = squall(directory, {"run", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 1) << result.output << result.errors;
  EXPECT_NE(result.output.find("had no answer when the drain ended"), std::string::npos)
      << result.output;
}

TEST(ExitCode, FourWhenTheTargetRefuses) {
  RefusedPort refused;
  const TestDirectory directory;
  const std::string url = "http://127.0.0.1:" + std::to_string(refused.port());
  const auto plan = directory.write("plan.toml", simple_plan(url));
  EXPECT_EQ(squall(directory, {"run", plan}).exit_code, 4);
  EXPECT_EQ(squall(directory, {"run", plan, "--set", "preflight=true"}).exit_code, 4);
}

// Its oracle is asked at the same server, which would not answer either.
TEST(ExitCode, FourWhenTheTargetOfAVerificationRefuses) {
  const RefusedPort refused;
  const TestDirectory directory;
  const auto plan = directory.write(
      "plan.toml",
      "format = 1\nname = \"charge\"\n[[target]]\nname = \"api\"\nurls = [\"http://127.0.0.1:" +
          std::to_string(refused.port()) +
          "\"]\n[idempotency]\n[idempotency.operation]\nrequest = \"POST /payments\"\n"
          "json = { order = \"{{token}}\" }\n[[effects.oracle]]\nkind = \"http\"\n"
          "request = \"GET /ledger\"\nitems = \"\"\nkey = \"/order\"\n");
  const ProcessResult result = squall(directory, {"idempotency", plan}, seconds(8));
  EXPECT_EQ(result.exit_code, 4) << result.output << result.errors;
  EXPECT_NE(result.output.find("target api cannot be reached"), std::string::npos)
      << result.output << result.errors;
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
  EXPECT_NE(result.errors.find("squall: results go to " + directory / "run"), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("another one ends squall at once"), std::string::npos)
      << result.errors;
}

TEST(ExitCode, ASecondInterruptEndsAtOnce) {
  HostileServer server({HostileServer::stall()});
  const TestDirectory directory;
  std::string text = simple_plan(server.url(""), "", "60s");
  text.replace(text.find("timeout = \"500ms\""), 17, "timeout = \"60s\"  ");
  text.replace(text.find("drain = \"2s\""), 12, "drain = \"60s\"");
  Process process(running(directory, {"run", directory.write("plan.toml", text)}));
  ASSERT_TRUE(server.wait_until([&] { return server.bytes_received() > 0; }));
  // What comes at once after the first belongs to it; sooner or later one is a second.
  EXPECT_TRUE(eventually([&] {
    process.signal(SIGINT);
    return process.has_ended();
  }));
  const ProcessResult result = process.wait(seconds(5));
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_NE(result.errors.find("ended at once by a second signal; `squall report squall-runs/"),
            std::string::npos)
      << result.errors;
}

// timeout(1) signals its child, and then the whole process group with the child in it.
TEST(ExitCode, TwoSignalsAtOnceAreOneWish) {
  HostileServer server(answering());
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url(""), "", "60s"));
  const ProcessResult result = run_program(
      {"timeout", "--verbose", "2", squall_binary(), "run", plan, "--out", directory / "run"});
  EXPECT_EQ(result.exit_code, 124) << result.output << result.errors;
  EXPECT_TRUE(std::filesystem::exists(directory / "run/record.json")) << result.errors;
}

TEST(ExitCode, AHangupThatWasIgnoredBeforeStaysIgnored) {
  HostileServer server(answering());
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan(server.url("")));
  Process process({.command = {"nohup", squall_binary(), "run", plan, "--out", directory / "run"},
                   .directory = directory.path()});
  ASSERT_TRUE(server.wait_until([&] { return server.requests() > 10; }));
  process.signal(SIGHUP);
  EXPECT_EQ(process.wait(seconds(30)).exit_code, 0);
  EXPECT_EQ(server.requests(), 50U);
}

TEST(ExitCode, OneHundredThirtyAfterAnInterruptWhileEffectsSettle) {
  const TestDirectory directory;
  const std::string text = replaced(shop_plan("atomic"), "settle = \"300ms\"", "settle = \"3s\"");
  Process process(
      running(directory, {"run", directory.write("plan.toml", text), "--out", directory / "run"}));
  ASSERT_TRUE(eventually(
      [&] { return process.errors().find("\nwaiting for effects to settle") != std::string::npos; },
      seconds(60)));
  process.signal(SIGINT);
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exit_code, 130) << result.output << result.errors;
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_TRUE(record->interrupted);
  EXPECT_TRUE(record->effects.counted) << "they are counted all the same";
}

TEST(ExitCode, AnInterruptBeforeTheLoadIsInconclusiveLikeOneWithinIt) {
  HostileServer server({HostileServer::stall()});
  const TestDirectory directory;
  std::string text = replaced(simple_plan(server.url("")), "preflight = false", "preflight = true");
  text = replaced(text, "timeout = \"500ms\"", "timeout = \"3s\"");
  Process process(
      running(directory, {"run", directory.write("plan.toml", text), "--out", directory / "run"}));
  ASSERT_TRUE(server.wait_until([&] { return server.bytes_received() > 0; }));
  process.signal(SIGINT);
  const ProcessResult result = process.wait();
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(result.exit_code, 130) << result.output << result.errors;
  EXPECT_EQ(record->verdict, model::Verdict::kInconclusive);
}

TEST(ExitCode, ARefusedRunShowsNothingButWhy) {
  RefusedPort refused;
  const TestDirectory directory;
  const std::string url = "http://127.0.0.1:" + std::to_string(refused.port());
  const ProcessResult result =
      squall(directory,
             {"run", directory.write("plan.toml", simple_plan(url)), "--set", "preflight=true"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.output.find("preflight: s.get refused"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("Self-watch"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("Response"), std::string::npos) << result.output;
}

TEST(ExitCode, AServiceThatEndsEarlyIsToldInOneLine) {
  const TestDirectory directory;
  const std::string text =
      simple_plan("http://127.0.0.1:1") +
      "[[service]]\nname = \"brief\"\ncommand = [\"/bin/sh\", \"-c\", \"echo one; echo two; exit "
      "3\"]\nready = \"GET http://127.0.0.1:{{port.brief}}/\"\n";
  const ProcessResult result = squall(directory, {"run", directory.write("plan.toml", text)});
  EXPECT_EQ(result.exit_code, 4) << result.output << result.errors;
  EXPECT_NE(result.output.find("| one | two"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("\\x0a"), std::string::npos) << result.output;
}

TEST(ExitCode, AQuietRunSaysWhyItWasRefused) {
  RefusedPort refused;
  const TestDirectory directory;
  const std::string url = "http://127.0.0.1:" + std::to_string(refused.port());
  const auto plan = directory.write("plan.toml", simple_plan(url));
  const ProcessResult result =
      squall(directory, {"run", plan, "--quiet", "--set", "preflight=true"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE((result.output + result.errors).find("refused: preflight: s.get"), std::string::npos)
      << result.output << result.errors;
}

}  // namespace
}  // namespace squall::test
