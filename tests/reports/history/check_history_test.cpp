#include "reports/history/check_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/history/fold.hpp"
#include "tests/reports/history/histories.hpp"

namespace squall::reports {
namespace {

using model::HistoryCheckKind;
using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::Verdict;
using testing::ElementsAre;

HistoryOperation attempt(std::uint32_t number, std::int64_t from, std::int64_t to,
                         HistoryOutcome outcome) {
  HistoryOperation one = made(7, HistoryOp::kWrite, std::int64_t{1}, from, to, outcome);
  one.attempt = number;
  one.process = 100 + number;
  return one;
}

TEST(FoldAttempts, AChangeIsOneOperationFromItsFirstInvokeToItsFirstOk) {
  const auto folded = fold_attempts(
      {attempt(2, 20, 25, HistoryOutcome::kOk), attempt(0, 0, 5, HistoryOutcome::kInfo),
       attempt(1, 10, 30, HistoryOutcome::kOk)},
      model::HistoryRepeats::kOnce);
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_EQ(folded[0].invoke, std::chrono::microseconds(0));
  EXPECT_EQ(folded[0].complete, std::chrono::microseconds(25));
  EXPECT_EQ(folded[0].outcome, HistoryOutcome::kOk);
}

TEST(FoldAttempts, OneThatMayHaveDoneItKeepsTheOperationOpen) {
  const auto outcome = [](HistoryOutcome a, HistoryOutcome b) {
    const auto folded =
        fold_attempts({attempt(0, 0, 5, a), attempt(1, 10, 15, b)}, model::HistoryRepeats::kOnce);
    return folded.at(0).outcome;
  };
  EXPECT_EQ(outcome(HistoryOutcome::kFail, HistoryOutcome::kInfo), HistoryOutcome::kInfo);
  EXPECT_EQ(outcome(HistoryOutcome::kInfo, HistoryOutcome::kFail), HistoryOutcome::kInfo);
  EXPECT_EQ(outcome(HistoryOutcome::kFail, HistoryOutcome::kFail), HistoryOutcome::kFail);
}

TEST(FoldAttempts, RepeatsStandBesideItWhereTheyMayDoItAgain) {
  const auto folded = fold_attempts(
      {attempt(0, 0, 5, HistoryOutcome::kInfo), attempt(1, 10, 15, HistoryOutcome::kOk),
       attempt(2, 20, 25, HistoryOutcome::kOk), attempt(3, 30, 35, HistoryOutcome::kFail)},
      model::HistoryRepeats::kAgain);
  ASSERT_EQ(folded.size(), 3U);
  EXPECT_EQ(folded[0].outcome, HistoryOutcome::kInfo);
  EXPECT_EQ(folded[1].outcome, HistoryOutcome::kOk);
  EXPECT_EQ(folded[1].invoke, std::chrono::microseconds(0));
  EXPECT_EQ(folded[2].outcome, HistoryOutcome::kInfo);
}

TEST(FoldAttempts, ReadsStayWhatTheyAre) {
  HistoryOperation one = made(7, HistoryOp::kRead, std::int64_t{1}, 0, 1);
  HistoryOperation two = one;
  two.attempt = 1;
  EXPECT_EQ(fold_attempts({one, two}, model::HistoryRepeats::kOnce).size(), 2U);
}

TEST(CheckHistory, EachCheckLooksAtItsStepsOnly) {
  HistoryOperation write = made(1, HistoryOp::kWrite, std::int64_t{1}, 0, 1);
  HistoryOperation read = made(2, HistoryOp::kRead, std::int64_t{2}, 2, 3);
  read.step = 1;
  HistoryOperation add = made(3, HistoryOp::kAdd, std::int64_t{4}, 0, 1, HistoryOutcome::kInfo);
  add.step = 2;
  add.key = "other";
  HistoryOperation seen = made(4, HistoryOp::kRead, list({4}), 2, 3);
  seen.step = 3;
  seen.key = "other";
  HistoryOperation unread =
      made(5, HistoryOp::kRead, std::monostate(), 4, 5, HistoryOutcome::kFail);
  unread.step = 3;
  unread.problem = "the answer is no JSON";
  model::HistoryPlan plan;
  plan.checks.push_back({.name = "value", .check = HistoryCheckKind::kRegister, .steps = {0, 1}});
  plan.checks.push_back({.name = "members", .check = HistoryCheckKind::kSet, .steps = {2, 3}});
  plan.checks[0].time_limit = std::chrono::seconds(1);
  const auto report =
      check_history({write, read, add, seen, unread}, plan,
                    {"a.write", "a.read", "a.add", "a.list"}, [] { return TimePoint(); });
  EXPECT_EQ(report.ok, 3U);
  EXPECT_EQ(report.info, 1U);
  EXPECT_EQ(report.fail, 1U);
  EXPECT_EQ(report.unread, 1U);
  ASSERT_EQ(report.checks.size(), 2U);
  EXPECT_EQ(report.checks[0].name, "value");
  EXPECT_EQ(report.checks[0].check, "register");
  EXPECT_THAT(report.checks[0].steps, ElementsAre("a.write", "a.read"));
  EXPECT_EQ(report.checks[0].verdict, Verdict::kFail);
  EXPECT_EQ(report.checks[0].operations, 2U);
  EXPECT_EQ(report.checks[0].keys, 1U);
  EXPECT_EQ(report.checks[1].verdict, Verdict::kPass);
  EXPECT_EQ(count_in(report.checks[1], "recovered"), 1U);
}

TEST(CheckHistory, TheSearchEndsAtItsTimeLimit) {
  std::vector<HistoryOperation> history;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto value = static_cast<std::int64_t>(i);
    history.push_back(made(2 * i, HistoryOp::kWrite, value, 0, 100));
    history.push_back(made(2 * i + 1, HistoryOp::kCas, list({value, value + 1}), 0, 100));
  }
  history.push_back(made(1000, HistoryOp::kRead, std::int64_t{-1}, 200, 201));
  model::HistoryPlan plan;
  plan.checks.push_back({.name = "value", .check = HistoryCheckKind::kRegister, .steps = {0}});
  plan.checks[0].time_limit = std::chrono::seconds(10);
  // A clock on which each look takes a second.
  TimePoint time;
  const auto report = check_history(history, plan, {"a.b"}, [&] {
    time += std::chrono::seconds(1);
    return time;
  });
  EXPECT_EQ(report.checks.at(0).verdict, Verdict::kInconclusive);
  EXPECT_EQ(time.time_since_epoch(), std::chrono::seconds(11));
}

}  // namespace
}  // namespace squall::reports
