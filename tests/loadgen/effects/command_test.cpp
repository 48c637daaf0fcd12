#include "loadgen/effects/command.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "loadgen/base/clock.hpp"

namespace squall::effects {
namespace {

using namespace std::chrono_literals;

Command shell(const std::string& script) {
  Command command;
  command.arguments = {"/bin/sh", "-c", script};
  return command;
}

TEST(Command, TakesOutputStatusAndErrors) {
  const auto result = run_command(shell("printf 'a\\tb'; echo oops >&2; exit 3"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "a\tb");
  EXPECT_EQ(result->errors, "oops\n");
  EXPECT_EQ(result->exit_status, 3);
}

TEST(Command, ArgumentsAreNotReadByAShell) {
  Command command;
  command.arguments = {"printf", "%s|", "$HOME; exit 1", "two words"};
  const auto result = run_command(command);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "$HOME; exit 1|two words|");
}

TEST(Command, AddsToTheEnvironmentAndReplaces) {
  ::setenv("SQUALL_TEST_OLD", "old", 1);
  Command command =
      shell("printf '%s %s %s' \"$SQUALL_TEST_OLD\" \"$SQUALL_RUN_ID\" \"${PATH:+path}\"");
  command.environment = {{"SQUALL_RUN_ID", "r1"}, {"SQUALL_TEST_OLD", "new"}};
  EXPECT_EQ(run_command(command)->output, "new r1 path");
}

TEST(Command, GivesInputOfAnySize) {
  Command command = shell("wc -c");
  command.input.assign(3'000'000, 'x');
  EXPECT_EQ(std::atoi(run_command(command)->output.c_str()), 3'000'000);
  Command deaf = shell("exit 0");
  deaf.input = command.input;
  EXPECT_EQ(run_command(deaf)->exit_status, 0);
}

TEST(Command, RunsInItsDirectory) {
  Command command = shell("pwd");
  command.directory = "/";
  EXPECT_EQ(run_command(command)->output, "/\n");
}

TEST(Command, ReadsOutputLargerThanAPipe) {
  const auto result = run_command(shell("head -c 5000000 /dev/zero"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.size(), 5'000'000u);
}

TEST(Command, BoundsOutputAndErrors) {
  Command loud = shell("head -c 100000 /dev/zero");
  loud.max_output_bytes = 1000;
  const auto result = run_command(loud);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(run_command(shell("head -c 200000 /dev/zero >&2"))->errors.size(), 4096u);
  Command endless = shell("yes >&2 & yes");
  endless.max_output_bytes = 1000;
  EXPECT_FALSE(run_command(endless));
}

TEST(Command, KillsWhatDoesNotEnd) {
  Command slow = shell("sleep 1000 & sleep 1000");
  slow.timeout = 100ms;
  const TimePoint start = monotonic_now();
  const auto result = run_command(slow);
  EXPECT_LT(monotonic_now() - start, 10s);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(result.error().message.find("in time"), std::string::npos);
}

TEST(Command, DoesNotWaitForWhatItLeftBehindAndKillsThat) {
  const auto result = run_command(shell("sleep 1000 & echo $!"));
  ASSERT_TRUE(result);
  const std::string process = "/proc/" + std::to_string(std::atoi(result->output.c_str()));
  const TimePoint deadline = monotonic_now() + 10s;
  // A killed orphan may stay as a zombie until whoever inherited it waits; it runs no more.
  const auto running = [&process] {
    std::error_code ignored;
    return std::filesystem::read_symlink(process + "/exe", ignored) != "";
  };
  while (running() && monotonic_now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(running());
}

TEST(Command, SaysWhenItCannotBeStarted) {
  Command missing;
  missing.arguments = {"/nowhere/squall-counter"};
  const auto result = run_command(missing);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_NE(result.error().message.find("squall-counter"), std::string::npos);
}

TEST(Command, TellsDeathBySignal) {
  EXPECT_EQ(run_command(shell("kill -9 $$"))->exit_status, 137);
}

}  // namespace
}  // namespace squall::effects
