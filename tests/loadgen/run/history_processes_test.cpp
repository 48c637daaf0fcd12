#include "loadgen/run/history_processes.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "loadgen/model/history_line.hpp"
#include "loadgen/run/history_file.hpp"
#include "loadgen/run/journal.hpp"
#include "tests/support/files.hpp"

namespace squall::run {
namespace {

using model::HistoryOperation;
using model::HistoryOutcome;

HistoryOperation attempt(std::uint64_t client, std::int64_t from, std::int64_t to,
                         HistoryOutcome outcome = HistoryOutcome::kOk, std::uint32_t copy = 0) {
  HistoryOperation one;
  one.client = client;
  one.copy = copy;
  one.invoke = Duration(from);
  one.complete = Duration(to);
  one.outcome = outcome;
  return one;
}

std::uint64_t process_of(HistoryProcesses& processes, HistoryOperation one) {
  processes.assign(one);
  return one.process;
}

TEST(HistoryProcesses, AClientGoesOnInItsProcess) {
  HistoryProcesses processes;
  EXPECT_EQ(process_of(processes, attempt(7, 0, 10)), 0U);
  EXPECT_EQ(process_of(processes, attempt(8, 0, 11)), 1U);
  EXPECT_EQ(process_of(processes, attempt(7, 10, 12, HistoryOutcome::kFail)), 0U);
  EXPECT_EQ(process_of(processes, attempt(7, 13, 14)), 0U);
}

TEST(HistoryProcesses, AfterAnInfoItGetsAnother) {
  HistoryProcesses processes;
  EXPECT_EQ(process_of(processes, attempt(7, 0, 10)), 0U);
  EXPECT_EQ(process_of(processes, attempt(7, 10, 12, HistoryOutcome::kInfo)), 0U);
  EXPECT_EQ(process_of(processes, attempt(7, 20, 22)), 1U);
  EXPECT_EQ(process_of(processes, attempt(7, 30, 32)), 1U);
}

TEST(HistoryProcesses, CopiesAndWhatOverlapsHaveTheirOwn) {
  HistoryProcesses processes;
  EXPECT_EQ(process_of(processes, attempt(7, 0, 10)), 0U);
  EXPECT_EQ(process_of(processes, attempt(7, 0, 11, HistoryOutcome::kOk, 1)), 1U);
  EXPECT_EQ(process_of(processes, attempt(7, 9, 15)), 2U);
  EXPECT_EQ(process_of(processes, attempt(7, 15, 16)), 2U);
}

TEST(HistoryProcesses, ForgottenClientsGoOnInNewProcesses) {
  HistoryProcesses processes(2);
  EXPECT_EQ(process_of(processes, attempt(1, 0, 1)), 0U);
  EXPECT_EQ(process_of(processes, attempt(2, 0, 1)), 1U);
  EXPECT_EQ(process_of(processes, attempt(3, 0, 1)), 2U);
  EXPECT_EQ(process_of(processes, attempt(3, 2, 3)), 2U);
  EXPECT_EQ(process_of(processes, attempt(1, 2, 3)), 3U);
}

TEST(HistoryFile, IsWhatTheJournalWrote) {
  const test::TestDirectory directory;
  model::RunRecord identity;
  identity.steps = {{.name = "a.b", .request = "", .target = ""}};
  {
    auto journal = Journal::open(directory.path(), identity, {.history = true});
    ASSERT_TRUE(journal.has_value());
    const std::vector<HistoryOperation> operations = {attempt(1, 0, 1), attempt(2, 0, 2)};
    ASSERT_TRUE((*journal)->history(identity.steps, operations).has_value());
  }
  std::ofstream(directory.path() + "/history.ndjson", std::ios::app) << "{\"process\":";  // killed
  const auto read = read_history(directory.path(), {"a.b"});
  ASSERT_TRUE(read.has_value()) << to_string(read.error());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[1].client, 2U);
  EXPECT_EQ(read_history(directory.path(), {"a.b"}, 1).error().code, ErrorCode::kExhausted);
}

TEST(HistoryFile, ABrokenLineHasItsPlace) {
  const test::TestDirectory directory;
  std::string text;
  model::append_line(text, attempt(1, 0, 1), "a.b");
  std::ofstream(directory.path() + "/history.ndjson") << text << "{}\n" << text;
  const auto read = read_history(directory.path(), {"a.b"});
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().where->line, 2U);
  EXPECT_EQ(read_history(directory.path() + "/none", {}).error().code, ErrorCode::kNotFound);
  std::filesystem::create_directories(directory.path() + "/unreadable/history.ndjson");
  EXPECT_EQ(read_history(directory.path() + "/unreadable", {}).error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace squall::run
