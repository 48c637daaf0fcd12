// A run that was killed is judged by the checks of its plan, over what its journal holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/hostile_server.hpp"

namespace squall::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// What `report` makes of the directory.
Result<model::RunRecord> reported(const TestDirectory& directory, const std::string& run) {
  const ProcessResult report = squall(directory, {"report", run, "--as", "json"});
  EXPECT_EQ(report.exit_code, 0) << report.errors;
  return model::record_from_json(report.output);
}

TEST(KilledReport, JudgesByThePlanAsItWasRun) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  const std::string plan = directory.write(
      "plan.toml",
      simple_plan(server.url(""),
                  "  headers = { X-Token = \"${env:E2E_TOKEN}\" }\n[vars]\nslowest = \"1h\"\n"
                  "[checks]\nrequire = [\"error_rate < 50%\", \"response p50 < {{var.slowest}}\"]\n"
                  "findings = [\"double-charge\"]\n",
                  "60s"));
  const std::string run = directory / "run";
  Process process({.command = {squall_binary(), "run", plan, "--out", run, "--set",
                               "vars.slowest=1ns", "--set", "checks.findings=[]"},
                   .directory = directory.path(),
                   .environment = {{"E2E_TOKEN", "s3cr3t"}}});
  // Three seconds of traffic are in the journal.
  ASSERT_TRUE(eventually(
      [&] {
        const std::string events = read_file(run + "/events.ndjson");
        return std::count(events.begin(), events.end(), '\n') > 4;
      },
      std::chrono::seconds(30)))
      << process.errors();
  process.signal(SIGKILL);
  EXPECT_EQ(process.wait(std::chrono::seconds(5)).exit_code, 137);
  std::filesystem::remove(plan);

  const auto record = reported(directory, run);
  ASSERT_TRUE(record.has_value()) << to_string(record.error());
  EXPECT_FALSE(record->complete);
  ASSERT_EQ(record->checks.size(), 2U);
  EXPECT_EQ(record->checks[0].verdict, model::Verdict::kPass);
  EXPECT_EQ(record->checks[1].source, "response p50 < 1ns");
  EXPECT_EQ(record->checks[1].verdict, model::Verdict::kFail);
  EXPECT_EQ(record->verdict, model::Verdict::kFail);
  EXPECT_EQ(record->exit_code, model::ExitCode::kCheckFailed);
  EXPECT_THAT(record->reasons, Contains(StartsWith("incomplete: squall was killed")));

  std::filesystem::remove(run + "/plan.toml");
  const auto without_plan = reported(directory, run);
  ASSERT_TRUE(without_plan.has_value());
  EXPECT_TRUE(without_plan->checks.empty());
  EXPECT_EQ(without_plan->verdict, model::Verdict::kInconclusive);
  EXPECT_THAT(without_plan->reasons, Contains(HasSubstr("the plan's checks were not judged")));
}

TEST(KilledReport, ARunThatLostItsRecordIsToldAsItEnded) {
  HostileServer server({HostileServer::read_request(), HostileServer::send(ok_answer("hi")),
                        HostileServer::again()});
  const TestDirectory directory;
  const std::string run = directory / "run";
  const std::string plan = directory.write(
      "plan.toml", simple_plan(server.url(""), "[checks]\nrequire = [\"response p50 < 1ns\"]\n"));
  EXPECT_EQ(squall(directory, {"run", plan, "--out", run}).exit_code, 1);
  const auto kept = model::record_from_json(read_file(run + "/record.json"));
  ASSERT_TRUE(kept.has_value());
  std::filesystem::remove(run + "/record.json");
  const auto record = reported(directory, run);
  ASSERT_TRUE(record.has_value());
  EXPECT_TRUE(record->complete);
  EXPECT_EQ(record->exit_code, model::ExitCode::kCheckFailed);
  EXPECT_EQ(record->reasons, kept->reasons);
  EXPECT_EQ(record->totals.completed, kept->totals.completed);
  EXPECT_EQ(record->measured_duration, kept->measured_duration);
}

}  // namespace
}  // namespace squall::test
