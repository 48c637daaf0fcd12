// kill -9 of squall: nothing it started is left, and what it had measured can be reported.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/eventually.hpp"

namespace squall::test {
namespace {

using std::chrono::seconds;

// A service that forks: a child, and a daemon in a session of its own.
constexpr const char* kForkingService =
    "[[service]]\nname = \"forker\"\n"
    "command = [\"/bin/sh\", \"-c\", \"sleep 300 & setsid sleep 300 & trap '' TERM; wait\"]\n";

TEST(Kill, LeavesNothingBehindAndTheRunCanBeReported) {
  const TestDirectory directory;
  std::string text = shop_plan("racy", kForkingService);
  text.replace(text.find("duration = \"3s\""), 15, "duration = \"60s\"");
  const auto plan = directory.write("plan.toml", text);
  const std::string mark = std::filesystem::path(directory.path()).filename().string();
  Process process({.command = {squall_binary(), "run", plan, "--out", directory / "run"},
                   .directory = directory.path(),
                   .environment = {{"SQUALL_TEST_MARK", mark}}});
  const std::string ledger = directory / "run/ledger.ndjson";
  // Two seconds of traffic are in the journal.
  ASSERT_TRUE(eventually(
      [&] {
        const std::string events = read_file(directory / "run/events.ndjson");
        return std::count(events.begin(), events.end(), '\n') > 3 && !read_file(ledger).empty();
      },
      seconds(30)));
  ASSERT_GE(processes_marked(mark).size(), 6U);  // squall, guardian, psp, shop, sh, two sleeps

  process.signal(SIGKILL);
  EXPECT_EQ(process.wait(seconds(5)).exit_code, 137);
  EXPECT_TRUE(eventually([&] { return processes_marked(mark).empty(); }, seconds(2)))
      << processes_marked(mark).size() << " processes are left";

  const ProcessResult report = squall(directory, {"report", directory / "run", "--as", "json"});
  EXPECT_EQ(report.exit_code, 0) << report.errors;
  EXPECT_NE(report.output.find("\"buy.charge\""), std::string::npos);
  const ProcessResult shown = squall(directory, {"report", directory / "run"});
  EXPECT_EQ(shown.exit_code, 0) << shown.errors;
  EXPECT_NE(shown.output.find("squall was killed"), std::string::npos) << shown.output;
  EXPECT_EQ(shown.output.find("junit.xml"), std::string::npos) << shown.output;
}

// The pid of the process with that mark whose command line holds `word`; -1 when there is none.
pid_t marked_process_with(const std::string& mark, const std::string& word) {
  for (const pid_t pid : processes_marked(mark)) {
    const std::string words = read_file("/proc/" + std::to_string(pid) + "/cmdline");
    if (words.find(std::string(1, '\0') + word + std::string(1, '\0')) != std::string::npos) {
      return pid;
    }
  }
  return -1;
}

TEST(Kill, AServiceThatDiedIsNotWaitedForAndTold) {
  const TestDirectory directory;
  std::string text = shop_plan("atomic");
  text.replace(text.find("settle = \"300ms\""), 16, "settle = \"300ms\"\nsettle_timeout = \"10m\"");
  text.replace(text.find("duration = \"3s\""), 15, "duration = \"60s\"");
  const std::string mark = std::filesystem::path(directory.path()).filename().string();
  Process process(
      {.command = {squall_binary(), "run", directory.write("plan.toml", text), "--out",
                   directory / "run", "--set", "checks.abort_when=[\"error_rate > 50% for 1s\"]"},
       .directory = directory.path(),
       .environment = {{"SQUALL_TEST_MARK", mark}}});
  ASSERT_TRUE(
      eventually([&] { return !read_file(directory / "run/ledger.ndjson").empty(); }, seconds(30)));
  const pid_t shop = marked_process_with(mark, "shop");
  ASSERT_GT(shop, 0);
  ASSERT_EQ(::kill(shop, SIGKILL), 0);
  const ProcessResult result = process.wait(seconds(60));
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_NE(result.output.find("service shop was killed"), std::string::npos) << result.output;
}

}  // namespace
}  // namespace squall::test
