#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/history/checker.hpp"
#include "tests/reports/history/histories.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::Verdict;
using testing::HasSubstr;

HistoryOperation append(std::uint64_t process, std::int64_t token, std::int64_t from,
                        std::int64_t to, HistoryOutcome outcome = HistoryOutcome::kOk) {
  return made(process, HistoryOp::kAppend, token, from, to, outcome);
}
HistoryOperation read(std::uint64_t process, model::HistoryValue value, std::int64_t from) {
  return made(process, HistoryOp::kRead, std::move(value), from, from + 1);
}

model::HistoryCheckReport judge(std::vector<HistoryOperation> history,
                                const model::HistoryCheckPlan& plan = {}) {
  return check_lost_update(fold_attempts(std::move(history), plan.repeats), plan);
}

TEST(LostUpdateCheck, TheLastReadShowsEveryAckedToken) {
  const auto report = judge({append(1, 11, 0, 1), append(2, 22, 0, 1), read(3, list({11, 22}), 4),
                             read(4, list({22}), 6)});
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(report, "lost"), 1U);
  EXPECT_THAT(report.witness.at(0), HasSubstr("lost, key k"));
  EXPECT_THAT(report.witness.at(1), HasSubstr("append 11 "));
  EXPECT_EQ(judge({append(1, 11, 0, 1), read(3, list({}), 4), read(4, list({11}), 6)}).verdict,
            Verdict::kPass);
}

TEST(LostUpdateCheck, TokensAreFoundInsideATextToo) {
  HistoryOperation one = append(1, 0, 0, 1);
  one.value = std::string("tok-aaa");
  HistoryOperation two = append(2, 0, 0, 1);
  two.value = std::string("tok-bb");
  EXPECT_EQ(judge({one, two, read(3, std::string("x tok-bb,tok-aaa y"), 5)}).verdict,
            Verdict::kPass);
  const auto report = judge({one, two, read(3, std::string("tok-bb"), 5)});
  EXPECT_EQ(count_in(report, "lost"), 1U);
}

// One token may be a part of another.
TEST(LostUpdateCheck, ATokenInsideALongerOneIsNotThere) {
  const std::vector<HistoryOperation> numbers = {append(1, 1, 0, 1), append(2, 10, 0, 1)};
  const auto after = [&](const char* text) {
    std::vector<HistoryOperation> history = numbers;
    history.push_back(read(3, std::string(text), 5));
    return judge(history);
  };
  EXPECT_EQ(after("1 10").verdict, Verdict::kPass);
  EXPECT_EQ(after("10,1").verdict, Verdict::kPass);
  EXPECT_EQ(count_in(after("10 and 11"), "lost"), 1U) << "1 is in neither of them";
  HistoryOperation one = append(1, 0, 0, 1);
  one.value = std::string("note-1");
  HistoryOperation ten = append(2, 0, 0, 1);
  ten.value = std::string("note-10");
  EXPECT_EQ(count_in(judge({one, ten, read(3, std::string("note-10"), 5)}), "lost"), 1U);
  EXPECT_EQ(judge({one, ten, read(3, std::string("note-10note-1"), 5)}).verdict, Verdict::kPass);
}

TEST(LostUpdateCheck, NothingMayBeAPlanThatLooksAtTheWrongPlace) {
  EXPECT_EQ(judge({append(1, 1, 0, 1), read(2, {}, 5)}).verdict, Verdict::kInconclusive);
  EXPECT_EQ(count_in(judge({append(1, 1, 0, 1), read(2, list({1}), 3), read(2, {}, 5)}), "lost"),
            1U);
}

TEST(LostUpdateCheck, WhatTwoOperationsPutMayBeThereTwice) {
  std::vector<HistoryOperation> history = {append(1, 7, 0, 1), append(2, 7, 0, 1),
                                           read(3, list({7, 7}), 5)};
  EXPECT_EQ(judge(history).verdict, Verdict::kPass);
  history.push_back(read(4, list({7, 7, 7}), 8));
  EXPECT_EQ(count_in(judge(history), "twice"), 1U);
}

TEST(LostUpdateCheck, TwiceAndRefused) {
  const std::vector<HistoryOperation> twice = {append(1, 1, 0, 1), read(2, list({1, 1}), 5)};
  EXPECT_EQ(count_in(judge(twice), "twice"), 1U);
  EXPECT_EQ(judge(twice, {.repeats = model::HistoryRepeats::kAgain}).verdict, Verdict::kPass);
  EXPECT_EQ(count_in(judge({append(1, 1, 0, 1, HistoryOutcome::kFail), read(2, list({1}), 5)}),
                     "phantom"),
            1U);
  EXPECT_EQ(
      judge({append(1, 1, 0, 1, HistoryOutcome::kInfo), append(2, 2, 0, 1), read(3, list({2}), 5)})
          .verdict,
      Verdict::kPass);
}

TEST(LostUpdateCheck, WithoutAReadAfterThemItIsInconclusive) {
  EXPECT_EQ(judge({append(1, 1, 0, 1)}).verdict, Verdict::kInconclusive);
  const auto report = judge({append(1, 1, 5, 9), read(2, list({}), 7)});
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
  EXPECT_EQ(count_in(report, "not read"), 1U);
}

TEST(LostUpdateCheck, CountsAsTheDefinitionDoes) {
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Dice dice(seed);
    std::vector<HistoryOperation> history;
    std::vector<std::int64_t> shown;
    const std::int64_t last = 200 + dice.below(100);
    std::map<std::string, std::uint64_t> slow;
    for (std::int64_t i = 0; i < 12; ++i) {
      const std::int64_t from = dice.below(300);
      const std::int64_t kind = dice.below(10);
      const HistoryOutcome outcome = kind < 7   ? HistoryOutcome::kOk
                                     : kind < 9 ? HistoryOutcome::kInfo
                                                : HistoryOutcome::kFail;
      history.push_back(append(static_cast<std::uint64_t>(i), i, from, from + 5, outcome));
      const std::int64_t times = dice.chance(0.8) ? 1 + (dice.chance(0.1) ? 1 : 0) : 0;
      shown.insert(shown.end(), static_cast<std::size_t>(times), i);
      const bool acked = outcome == HistoryOutcome::kOk;
      slow["lost"] += acked && times == 0 && from + 5 < last ? 1U : 0U;
      slow["not read"] += acked && times == 0 && from + 5 >= last ? 1U : 0U;
      slow["twice"] += times > 1 ? 1U : 0U;
      slow["phantom"] += outcome == HistoryOutcome::kFail && times > 0 ? 1U : 0U;
    }
    history.push_back(read(100, list({}), last - 50));
    history.push_back(read(101, list(shown), last));
    const auto report = judge(history);
    for (const auto& [name, count] : slow) {
      ASSERT_EQ(count_in(report, name), count) << name << ", seed " << seed;
      seen[name] += count;
    }
  }
  for (const auto& [name, count] : seen) {
    EXPECT_GT(count, 200U) << name;
  }
}

}  // namespace
}  // namespace squall::reports
