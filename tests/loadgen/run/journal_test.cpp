#include "loadgen/run/journal.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "loadgen/run/record_merge.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using model::RunRecord;
using run::Journal;

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    identity_.plan_name = "p";
    identity_.seed = 7;
    identity_.steps = {
        {.name = "buy.charge", .request = "POST /", .target = "t", .is_effect = true}};
    model::RecordedFault fault;
    fault.name = "twins";
    identity_.faults = {fault};
  }

  RunRecord second(std::int64_t number) {
    RunRecord delta;
    model::SecondSummary summary;
    summary.second = number;
    summary.counters.started = 100;
    summary.acked = 99;
    summary.faults.resize(1);
    delta.seconds.push_back(summary);
    delta.totals.started = 100;
    delta.faults.resize(1);
    delta.faults[0].counts.planned = 3;
    delta.steps = identity_.steps;
    auto& spans = delta.attempts[{}];
    spans.response.record(1000 + number);
    spans.lag.record(77);
    delta.plan_digest = {static_cast<std::uint64_t>(number), 1};
    return delta;
  }

  // Writes `count` seconds; gives what their totals are.
  RunRecord write(std::int64_t count, std::uint64_t rotate_bytes = 1 << 20) {
    auto journal = Journal::open(directory_.path(), identity_, {.rotate_bytes = rotate_bytes});
    EXPECT_TRUE(journal.has_value());
    RunRecord total = identity_;
    for (std::int64_t i = 0; i < count; ++i) {
      const RunRecord delta = second(i);
      run::merge_into(total, delta);
      EXPECT_TRUE((*journal)->second(delta, total).has_value());
    }
    return total;
  }

  std::string events_path() { return directory_ / "events.ndjson"; }

  TestDirectory directory_;
  RunRecord identity_;
};

void expect_same_measurements(const RunRecord& a, const RunRecord& b) {
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.totals.started, b.totals.started);
  EXPECT_EQ(a.plan_digest, b.plan_digest);
  ASSERT_EQ(a.seconds.size(), b.seconds.size());
  ASSERT_EQ(a.faults.size(), b.faults.size());
  EXPECT_EQ(a.faults[0].counts.planned, b.faults[0].counts.planned);
  ASSERT_EQ(a.attempts.size(), b.attempts.size());
  const auto& left = a.attempts.begin()->second;
  const auto& right = b.attempts.begin()->second;
  EXPECT_EQ(left.response.count(), right.response.count());
  EXPECT_EQ(left.response.value_at_percentile(99), right.response.value_at_percentile(99));
  EXPECT_EQ(left.lag.max(), right.lag.max());
}

TEST_F(JournalTest, TellsWhatWasWritten) {
  const RunRecord total = write(5);
  const auto read = run::read_journal(directory_.path());
  ASSERT_TRUE(read.has_value()) << to_string(read.error());
  expect_same_measurements(*read, total);
  EXPECT_FALSE(read->complete);
}

// Of a run that is killed the timeline is as far as it came, not as it was planned.
TEST_F(JournalTest, KeepsHowFarTheTimelineCame) {
  const auto action = [](const std::string& name, Duration at) {
    model::RecordedAction planned;
    planned.name = name;
    planned.kind = "action";
    planned.planned_at = at;
    return planned;
  };
  using std::chrono::seconds;
  identity_.timeline = {action("bounce", seconds(1)), action("bounce", seconds(2)),
                        action("late", seconds(9))};
  model::RecordedProxyFault fault;
  fault.name = "slow";
  identity_.proxy_faults = {fault};
  auto journal = run::Journal::open(directory_.path(), identity_, {});
  ASSERT_TRUE(journal) << to_string(journal.error());
  model::RecordedAction second = identity_.timeline[1];
  second.started = true;
  second.at = seconds(3);
  ASSERT_TRUE((*journal)->timeline({second}, {fault}));
  fault.seen = 8;
  second.undone = true;
  ASSERT_TRUE((*journal)->timeline({second}, {fault}));

  const auto read = run::read_journal(directory_.path());
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(read->timeline.size(), 3U);
  EXPECT_FALSE(read->timeline[0].started);
  EXPECT_TRUE(read->timeline[1].started && read->timeline[1].undone);
  EXPECT_EQ(read->timeline[1].at, seconds(3));
  EXPECT_FALSE(read->timeline[2].started);
  ASSERT_EQ(read->proxy_faults.size(), 1U);
  EXPECT_EQ(read->proxy_faults[0].seen, 8U);
}

TEST_F(JournalTest, ACutOffLastLineCostsThatLineOnly) {
  write(5);
  std::filesystem::resize_file(events_path(), std::filesystem::file_size(events_path()) - 40);
  const auto read = run::read_journal(directory_.path());
  ASSERT_TRUE(read.has_value()) << to_string(read.error());
  EXPECT_EQ(read->seconds.size(), 4U);
}

TEST_F(JournalTest, ABrokenLineIsNamed) {
  write(3);
  std::ofstream(events_path(), std::ios::app) << "{\"type\":\"second\",\"record\":[]}\n";
  const auto read = run::read_journal(directory_.path());
  ASSERT_FALSE(read.has_value());
  ASSERT_TRUE(read.error().where.has_value());
  EXPECT_EQ(read.error().where->line, 5U);
}

TEST_F(JournalTest, RotationLosesNothingAndBoundsTheFile) {
  const RunRecord total = write(200, 20'000);
  EXPECT_LT(std::filesystem::file_size(events_path()), 120'000U);
  const auto read = run::read_journal(directory_.path());
  ASSERT_TRUE(read.has_value()) << to_string(read.error());
  expect_same_measurements(*read, total);
  EXPECT_EQ(read->seconds.size(), 200U);
}

ino_t inode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_ino;
}

TEST_F(JournalTest, TotalsThatFillTheFileByThemselvesAreNotWrittenEachSecond) {
  auto journal = Journal::open(directory_.path(), identity_, {.rotate_bytes = 1000});
  ASSERT_TRUE(journal.has_value());
  RunRecord total = identity_;
  unsigned rotations = 0;
  ino_t before = inode_of(events_path());
  for (std::int64_t i = 0; i < 64; ++i) {
    const RunRecord delta = second(i);
    run::merge_into(total, delta);
    ASSERT_TRUE((*journal)->second(delta, total).has_value());
    const ino_t now = inode_of(events_path());
    rotations += now == before ? 0U : 1U;
    before = now;
  }
  EXPECT_GE(rotations, 2U);
  EXPECT_LE(rotations, 16U);
}

TEST_F(JournalTest, AfterAFailedRotationNothingMoreIsWritten) {
  auto journal = Journal::open(directory_.path(), identity_, {.rotate_bytes = 1000});
  ASSERT_TRUE(journal.has_value());
  std::filesystem::create_directory(directory_ / "events.ndjson.next");
  RunRecord total = identity_;
  Result<void> written;
  for (std::int64_t i = 0; i < 64 && written; ++i) {
    const RunRecord delta = second(i);
    run::merge_into(total, delta);
    written = (*journal)->second(delta, total);
  }
  ASSERT_FALSE(written.has_value());
  const auto size = std::filesystem::file_size(events_path());
  const auto again = (*journal)->event({.at = {}, .kind = "abort", .text = "x"});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().message, written.error().message);
  EXPECT_EQ(std::filesystem::file_size(events_path()), size);
}

TEST_F(JournalTest, TheLedgerGivesBackTheWantedKeys) {
  auto journal = Journal::open(directory_.path(), identity_, {});
  ASSERT_TRUE(journal.has_value());
  std::vector<model::EffectAttempt> attempts;
  std::vector<model::EffectOperation> operations;
  for (std::uint64_t i = 0; i < 50; ++i) {
    model::EffectAttempt attempt;
    attempt.arrival = i;
    attempt.key = "k" + std::to_string(i);
    attempt.how = model::AttemptClass::kCut;
    attempt.status = 200;
    attempt.intended = Duration(-5);
    attempt.faults = {0};
    attempt.detail = "bad \xff bytes";
    attempts.push_back(attempt);
    operations.push_back({.step = 0,
                          .arrival = i,
                          .key = attempt.key,
                          .outcome = model::OperationOutcome::kRejected,
                          .exposure = model::Exposure::kFaulted,
                          .attempts = 2});
  }
  ASSERT_TRUE((*journal)->ledger(0, identity_.steps, attempts, operations).has_value());
  const auto excerpt = run::read_ledger(directory_.path(), identity_.steps, {"k7", "k49"});
  ASSERT_TRUE(excerpt.has_value()) << to_string(excerpt.error());
  ASSERT_EQ(excerpt->attempts.size(), 2U);
  ASSERT_EQ(excerpt->operations.size(), 2U);
  const model::EffectAttempt& attempt = excerpt->attempts[0];
  EXPECT_EQ(attempt.arrival, 7U);
  EXPECT_EQ(attempt.how, model::AttemptClass::kCut);
  EXPECT_EQ(attempt.intended, Duration(-5));
  EXPECT_EQ(attempt.faults, (std::vector<std::uint16_t>{0}));
  EXPECT_EQ(excerpt->operations[1].outcome, model::OperationOutcome::kRejected);
}

TEST_F(JournalTest, ADirectoryThatIsNotThereIsSaid) {
  const auto journal = Journal::open(directory_ / "nowhere", identity_, {});
  ASSERT_FALSE(journal.has_value());
  EXPECT_EQ(journal.error().code, ErrorCode::kIo);
  EXPECT_NE(journal.error().message.find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace squall::test
