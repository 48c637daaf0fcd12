// The history of a run: kept, judged, exported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "loadgen/model/history_report.hpp"
#include "loadgen/model/run_record.hpp"
#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using testing::HasSubstr;

// The shipped plan, for two seconds.
ProcessResult run_plan(const TestDirectory& directory, std::vector<std::string> more) {
  std::vector<std::string> arguments = {"run",   source_file("plans/history.toml"),
                                        "--out", directory / "run",
                                        "--set", "load.duration=2s"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return squall(directory, arguments);
}

model::HistoryReport history_of(const TestDirectory& directory) {
  const auto record = model::record_from_json(read_file(directory / "run/record.json"));
  EXPECT_TRUE(record.has_value());
  EXPECT_NE(record->history, nullptr);
  return record->history == nullptr ? model::HistoryReport() : *record->history;
}

TEST(History, OfARightShopKeepsItsModels) {
  const TestDirectory directory;
  const ProcessResult result = run_plan(directory, {});
  ASSERT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("history shelves (register) of shelves.put, shelves.get"));
  const model::HistoryReport history = history_of(directory);
  ASSERT_EQ(history.checks.size(), 2U);
  EXPECT_EQ(history.checks[0].keys, 5U);
  EXPECT_GT(history.info, 0U) << "no acknowledgement was lost";
  EXPECT_EQ(history.unread, 0U);

  const ProcessResult edn = squall(directory, {"report", directory / "run", "--as", "edn"});
  EXPECT_EQ(edn.exit_code, 0) << edn.errors;
  EXPECT_THAT(edn.output, HasSubstr(":f :write, :key \""));
  EXPECT_THAT(edn.output, HasSubstr(":type :info, "));
}

TEST(History, APurchaseThatArrivesTwiceShowsInTheCounter) {
  const TestDirectory directory;
  const ProcessResult result = run_plan(
      directory, {"--set", "fault.twins.on=[\"counter.buy\"]", "--set", "fault.twins.share=50%"});
  EXPECT_EQ(result.exit_code, 5) << result.output << result.errors;
  const model::HistoryReport history = history_of(directory);
  ASSERT_EQ(history.checks.size(), 2U);
  EXPECT_EQ(history.checks[0].verdict, model::Verdict::kPass);
  EXPECT_EQ(history.checks[1].verdict, model::Verdict::kFail);
  EXPECT_TRUE(std::filesystem::exists(directory / "run/findings/history-sold.md"));
}

TEST(History, OfARunWithoutAnyIsNotExported) {
  const TestDirectory directory;
  std::filesystem::create_directories(directory / "run");
  static_cast<void>(directory.write("run/record.json", model::to_json(model::RunRecord())));
  const ProcessResult result = squall(directory, {"report", directory / "run", "--as", "edn"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("has no history: none of the plan's steps has `history`"));
}

}  // namespace
}  // namespace squall::test
