// squall compare, baselines and squall ab from the outside: what decides is large or exact, so that
// no verdict here depends on how fast anything is.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "loadgen/model/comparison.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/reports/compare/synthetic_runs.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

HostileServer::Script answering() {
  return {HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
          HostileServer::again()};
}

HostileServer::Script failing() {
  return {HostileServer::read_request(),
          HostileServer::send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
          HostileServer::again()};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Two records of the same plan, the second one slower by half.
struct Recorded {
  TestDirectory directory;
  std::string base;
  std::string slower;
  std::string other;  // of another load

  Recorded() {
    SyntheticRuns runs(1);
    SyntheticRun run;
    run.seconds = 30;
    run.run_deviation = 0;
    base = directory.write("base.json", model::to_json(runs.make(run)));
    run.scale = 1.5;
    model::RunRecord record = runs.make(run);
    slower = directory.write("slower.json", model::to_json(record));
    record.scenarios.at(0).load = "poisson 999/s";
    other = directory.write("other.json", model::to_json(record));
  }
};

TEST(Compare, SixWhenWorseAndZeroWhenBetterOrNotDecided) {
  const Recorded recorded;
  const ProcessResult worse =
      squall(recorded.directory, {"compare", recorded.base, recorded.slower});
  EXPECT_EQ(worse.exit_code, 6) << worse.output << worse.errors;
  EXPECT_TRUE(has(worse.output, "s.get clean response p50")) << worse.output;
  EXPECT_TRUE(has(worse.output, "squall ab")) << worse.output;
  EXPECT_EQ(squall(recorded.directory, {"compare", recorded.slower, recorded.base}).exit_code, 0);
  EXPECT_EQ(squall(recorded.directory, {"compare", recorded.base, recorded.base}).exit_code, 0);
}

TEST(Compare, SevenWhenInconclusiveAndStrict) {
  const Recorded recorded;
  // Nothing like a millionth can be shown.
  const std::vector<std::string> arguments = {
      "compare",     recorded.base,      recorded.base, "--tolerance", "response=0.0001%",
      "--tolerance", "response_slack=0", "--metric",    "response p99"};
  EXPECT_EQ(squall(recorded.directory, arguments).exit_code, 0);
  std::vector<std::string> strict = arguments;
  strict.emplace_back("--strict");
  EXPECT_EQ(squall(recorded.directory, strict).exit_code, 7);
}

TEST(Compare, TwoWhenTheyAreNotComparableUnlessForced) {
  const Recorded recorded;
  const ProcessResult refused =
      squall(recorded.directory, {"compare", recorded.base, recorded.other});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(has(refused.errors, "poisson 999/s")) << refused.errors;
  EXPECT_EQ(
      squall(recorded.directory, {"compare", recorded.base, recorded.other, "--force"}).exit_code,
      6);
  EXPECT_EQ(squall(recorded.directory, {"compare", recorded.base, "no-such-run"}).exit_code, 2);
  const auto broken = recorded.directory.write("broken.json", "{\"schema\": 1, \"seconds\": 7}");
  EXPECT_EQ(squall(recorded.directory, {"compare", recorded.base, broken}).exit_code, 2);
  EXPECT_EQ(squall(recorded.directory,
                   {"compare", recorded.base, recorded.base, "--tolerance", "response=5ms"})
                .exit_code,
            2);
}

TEST(Compare, AsJsonIsReadAgainAndAsMarkdownHoldsATable) {
  const Recorded recorded;
  const ProcessResult json =
      squall(recorded.directory, {"compare", recorded.base, recorded.slower, "--as", "json"});
  const auto report = model::comparison_from_json(json.output);
  ASSERT_TRUE(report.has_value()) << json.output;
  EXPECT_EQ(report->verdict, model::ComparisonVerdict::kWorse);
  const ProcessResult markdown = squall(
      recorded.directory,
      {"compare", recorded.base, recorded.slower, "--as", "markdown", "-o", "comparison.md"});
  EXPECT_EQ(markdown.exit_code, 6);
  EXPECT_TRUE(has(read_file(recorded.directory / "comparison.md"), "| ❌ worse |"));
}

TEST(Baseline, TheFirstRunStoresLaterOnesCompareAndARegressionIsSix) {
  const TestDirectory directory;
  HostileServer good(answering());
  HostileServer bad(failing());
  const auto run = [&](const HostileServer& server, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run",
                                          directory.write("plan.toml", simple_plan(server.url(""))),
                                          "--baseline", directory / "base"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return squall(directory, arguments);
  };
  EXPECT_EQ(run(bad, {}).exit_code, 0) << "nothing is required of it";
  ASSERT_TRUE(std::filesystem::exists(directory / "base/record.json"));
  const ProcessResult update = run(good, {"--update-baseline"});
  EXPECT_EQ(update.exit_code, 0) << update.output << update.errors;
  EXPECT_TRUE(has(update.errors, "is now the baseline")) << update.errors;

  const ProcessResult same = run(good, {"--out", directory / "same"});
  EXPECT_EQ(same.exit_code, 0) << same.output << same.errors;
  EXPECT_TRUE(has(same.output, "Compared with the baseline")) << same.output;

  const ProcessResult worse = run(bad, {"--out", directory / "worse"});
  EXPECT_EQ(worse.exit_code, 6) << worse.output << worse.errors;
  EXPECT_TRUE(has(read_file(directory / "worse/junit.xml"), "squall.comparison"));
  EXPECT_TRUE(has(read_file(directory / "worse/summary.md"), "compared with"));
  const auto record = model::record_from_json(read_file(directory / "worse/record.json"));
  ASSERT_TRUE(record.has_value());
  ASSERT_NE(record->comparison, nullptr);
  EXPECT_EQ(record->comparison->verdict, model::ComparisonVerdict::kWorse);
  const ProcessResult again = squall(directory, {"report", directory / "worse"});
  EXPECT_TRUE(has(again.output, "Compared with the baseline")) << again.output;
}

TEST(Baseline, OneThatDoesNotFitIsRefusedBeforeAnythingIsSent) {
  const TestDirectory directory;
  HostileServer server(answering());
  const auto plan = directory.write(
      "plan.toml", simple_plan(server.url(""), "[baseline]\ndirectory = \"base\"\n"));
  const auto refused = [&](const std::string& content, const std::string& why) {
    std::filesystem::create_directory(directory / "base");
    (void)directory.write("base/record.json", content);
    const ProcessResult result = squall(directory, {"run", plan});
    EXPECT_EQ(result.exit_code, 2) << result.output << result.errors;
    EXPECT_TRUE(has(result.errors, why)) << result.errors;
  };
  refused("not a record", "base/record.json:1:");
  refused("{\"schema\": 99}", "schema 99");
  refused("{\"schema\": 1}", "base/record.json");
  SyntheticRuns runs(2);
  refused(model::to_json(runs.make({})), "other plans");
  EXPECT_EQ(squall(directory, {"run", plan, "--baseline", plan}).exit_code, 2);
  EXPECT_EQ(server.requests(), 0U);
}

TEST(Baseline, ToUpdateNoneIsWrongUsage) {
  const TestDirectory directory;
  const auto plan = directory.write("plan.toml", simple_plan("http://127.0.0.1:1"));
  EXPECT_EQ(squall(directory, {"run", plan, "--update-baseline"}).exit_code, 2);
}

TEST(Ab, SixWhenTheCandidateIsWorseWithARecordOfEachRun) {
  const TestDirectory directory;
  HostileServer base(answering());
  HostileServer candidate(failing());
  const auto plan = directory.write("plan.toml", simple_plan("http://127.0.0.1:1"));
  const ProcessResult result = squall(
      directory, {"ab", plan, "--base", base.url(""), "--candidate", candidate.url(""), "--rounds",
                  "2", "--noise-rounds", "1", "--for", "500ms", "--out", directory / "ab"});
  EXPECT_EQ(result.exit_code, 6) << result.output << result.errors;
  EXPECT_EQ(base.requests(), 4 * 25U);
  EXPECT_EQ(candidate.requests(), 2 * 25U);
  const auto report = model::comparison_from_json(read_file(directory / "ab/comparison.json"));
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->rounds, 2U);
  EXPECT_EQ(report->noise_rounds, 1U);
  EXPECT_EQ(report->verdict, model::ComparisonVerdict::kWorse);
  EXPECT_TRUE(has(read_file(directory / "ab/comparison.md"), "error_rate"));
  std::size_t records = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "ab")) {
    records += std::filesystem::exists(entry.path() / "record.json") ? 1U : 0U;
  }
  EXPECT_EQ(records, 6U);
}

// Such a side measures nothing, and nothing is no pass.
TEST(Ab, ThreeWhenASideNeverGetsThroughItsPreflight) {
  const TestDirectory directory;
  HostileServer base(answering());
  HostileServer candidate(failing());
  const auto plan = directory.write("plan.toml", simple_plan("http://127.0.0.1:1"));
  const ProcessResult result = squall(
      directory, {"ab", plan, "--set", "preflight=true", "--base", base.url(""), "--candidate",
                  candidate.url(""), "--rounds", "2", "--noise-rounds", "0", "--for", "500ms"});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_TRUE(has(result.output, "2 of 2 rounds are left out")) << result.output;
}

TEST(Ab, WhatCannotBeShownInTwoRoundsIsInconclusive) {
  const TestDirectory directory;
  HostileServer server(answering());
  const auto plan = directory.write("plan.toml", simple_plan("http://127.0.0.1:1"));
  const ProcessResult result =
      squall(directory,
             {"ab", plan, "--base", server.url(""), "--candidate", server.url(""), "--rounds", "2",
              "--noise-rounds", "0", "--for", "500ms", "--metric", "error_rate", "--strict"});
  EXPECT_EQ(result.exit_code, 7) << result.output << result.errors;
}

TEST(Ab, FourWhenASideIsNotThereAndTwoForWrongUsage) {
  const TestDirectory directory;
  HostileServer server(answering());
  const auto plan = directory.write("plan.toml", simple_plan("http://127.0.0.1:1"));
  const ProcessResult result =
      squall(directory, {"ab", plan, "--base", "http://127.0.0.1:1", "--candidate", server.url(""),
                         "--noise-rounds", "0", "--for", "500ms", "--out", directory / "ab"});
  EXPECT_EQ(result.exit_code, 4) << result.output << result.errors;
  EXPECT_EQ(squall(directory, {"ab", plan}).exit_code, 2);
  EXPECT_EQ(squall(directory, {"ab", plan, "--base", server.url("")}).exit_code, 2);
  EXPECT_EQ(
      squall(directory, {"ab", plan, "--candidate-set", "scenario.s.arrivals.rate=70/s"}).exit_code,
      2)
      << "another load";
}

TEST(Ab, ThreeWhenNoRoundIsAValidMeasurement) {
  const TestDirectory directory;
  HostileServer server(answering());
  std::string text = simple_plan("http://127.0.0.1:1");
  text.replace(text.find("lag_p99 = \"2s\""), 14, "lag_p99 = \"1ns\"");
  const ProcessResult result = squall(
      directory, {"ab", directory.write("plan.toml", text), "--base", server.url(""), "--candidate",
                  server.url(""), "--rounds", "2", "--noise-rounds", "0", "--for", "500ms"});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_TRUE(has(result.output, "2 of 2 rounds are left out")) << result.output;
}

TEST(Ab, AnInterruptEndsItWithWhatThereIs) {
  const TestDirectory directory;
  HostileServer server(answering());
  const auto plan = directory.write("plan.toml", simple_plan("http://127.0.0.1:1"));
  Process process({.command = {squall_binary(), "ab", plan, "--base", server.url(""), "--candidate",
                               server.url(""), "--rounds", "500", "--noise-rounds", "0", "--for",
                               "200ms", "--metric", "error_rate", "--out", directory / "ab"},
                   .directory = directory.path()});
  ASSERT_TRUE(server.wait_until([&] { return server.requests() > 45; }));
  process.signal(SIGINT);
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exit_code, 130) << result.output << result.errors;
  const auto report = model::comparison_from_json(read_file(directory / "ab/comparison.json"));
  ASSERT_TRUE(report.has_value());
  EXPECT_GE(report->rounds, 2U);
  EXPECT_EQ(report->verdict, model::ComparisonVerdict::kInconclusive);
}

}  // namespace
}  // namespace squall::test
