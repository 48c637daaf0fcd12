// squall demo, started where there are no sources of squall: what it prints to do next can be done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "loadgen/model/run_record.hpp"
#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The arguments of each line "  squall WORD …" of a text.
std::vector<std::vector<std::string>> commands_in(const std::string& text) {
  std::vector<std::vector<std::string>> commands;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (line.starts_with("  squall ") && words >> word) {
      std::vector<std::string>& arguments = commands.emplace_back();
      while (words >> word) {
        arguments.push_back(word);
      }
    }
  }
  return commands;
}

TEST(Demo, PrintsCommandsThatWorkWhereItWasStarted) {
  const TestDirectory directory;
  const ProcessResult demo = squall(directory, {"demo", "--no-color"}, std::chrono::seconds(120));
  ASSERT_EQ(demo.exit_code, 0) << demo.output << demo.errors;
  const std::string next = demo.output.substr(demo.output.find("Where to look next:"));
  const auto commands = commands_in(next);
  ASSERT_THAT(commands, SizeIs(3)) << next;
  const auto& replay = commands[0];
  const auto& report = commands[1];
  const auto& run = commands[2];
  ASSERT_EQ(replay.at(0), "replay");
  const ProcessResult replayed =
      squall(directory, {"replay", replay.at(1), "--key", replay.at(3), "--times", "2"});
  EXPECT_THAT(replayed.output, HasSubstr("of 2 repetitions")) << replayed.errors;
  ASSERT_EQ(report.at(0), "report");
  EXPECT_EQ(squall(directory, {"report", report.at(1), "--as", "markdown"}).exit_code, 0);
  ASSERT_EQ(run.at(0), "run");
  const ProcessResult checked = squall(directory, {"validate", run.at(1)});
  EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.errors;

  const auto record =
      model::record_from_json(read_file(directory / (report.at(1) + "/record.json")));
  ASSERT_TRUE(record.has_value());
  EXPECT_THAT(record->command, StartsWith("squall run " + run.at(1) + " "));
}

}  // namespace
}  // namespace squall::test
