#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/history/checker.hpp"
#include "tests/reports/history/histories.hpp"

namespace squall::reports {
namespace {

using model::HistoryMap;
using model::HistoryOp;
using model::HistoryOperation;
using model::Verdict;
using testing::HasSubstr;

HistoryOperation read(std::uint64_t process, model::HistoryValue value, std::int64_t from) {
  return made(process, HistoryOp::kRead, std::move(value), from, from + 1);
}

TEST(BankCheck, TheSumStays) {
  const std::vector<HistoryOperation> history = {
      read(1, list({5, 5}), 0), made(2, HistoryOp::kTransfer, std::int64_t{2}, 1, 2),
      read(3, HistoryMap{{"alice", std::int64_t{3}}, {"bob", std::int64_t{7}}}, 5),
      read(4, list({3, 5}), 8)};
  const auto report = check_bank(history, {});
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(report, "wrong sum"), 1U);
  EXPECT_EQ(report.summary,
            "of 3 reads 1 saw another sum, 0 a part below zero; 0 more did not show a part");
  EXPECT_THAT(report.witness.at(0), HasSubstr("the sum is 8 and not 10, key k"));
  EXPECT_THAT(report.witness.at(1), HasSubstr("read -> [5 5]"));
  EXPECT_THAT(report.witness.at(2), HasSubstr("read -> [3 5]"));
  EXPECT_EQ(check_bank(history, {.total = 8}).violations, 2U);
}

TEST(BankCheck, PartsBelowZeroViolateOnlyWhereThePlanSaysSo) {
  const std::vector<HistoryOperation> history = {read(1, list({5, 5}), 0),
                                                 read(2, list({-1, 11}), 3)};
  EXPECT_EQ(check_bank(history, {}).verdict, Verdict::kPass);
  const auto report = check_bank(history, {.negative = false});
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(report, "below zero"), 1U);
}

TEST(BankCheck, APartThatIsNotThereIsAViolationWhereOthersShowIt) {
  const HistoryOperation whole =
      read(1, HistoryMap{{"alice", std::int64_t{3}}, {"bob", std::int64_t{7}}}, 0);
  const HistoryOperation torn = read(2, HistoryMap{{"alice", std::int64_t{3}}, {"bob", {}}}, 3);
  const auto report = check_bank(std::vector{whole, torn}, {});
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(report, "without a part"), 1U);
  EXPECT_THAT(report.witness.at(0), HasSubstr("a part is not there, key k"));
  const HistoryOperation noted =
      read(3, HistoryMap{{"alice", std::int64_t{3}}, {"bob", std::int64_t{7}}, {"note", {}}}, 6);
  EXPECT_EQ(count_in(check_bank(std::vector{whole, noted}, {}), "without a part"), 0U);
  const auto nowhere = check_bank(std::vector{torn}, {.total = 3});
  EXPECT_EQ(nowhere.verdict, Verdict::kInconclusive);
  EXPECT_EQ(count_in(nowhere, "no whole numbers"), 1U);
}

TEST(BankCheck, WithNothingToCompareItIsInconclusive) {
  EXPECT_EQ(check_bank(std::vector{read(1, list({5}), 0)}, {}).verdict, Verdict::kInconclusive);
  EXPECT_EQ(check_bank(std::vector{read(1, list({5}), 0)}, {.total = 5}).verdict, Verdict::kPass);
  HistoryOperation other = read(2, list({9}), 2);
  other.key = "other";
  EXPECT_EQ(check_bank(std::vector{read(1, list({5}), 0), other}, {}).verdict,
            Verdict::kInconclusive)
      << "two banks, each read once";
  const auto texts =
      check_bank(std::vector{read(1, std::string("rich"), 0),
                             read(2, model::HistoryList{std::int64_t{1}, std::string("x")}, 2)},
                 {.total = 5});
  EXPECT_EQ(texts.verdict, Verdict::kInconclusive);
  EXPECT_EQ(count_in(texts, "no whole numbers"), 2U);
}

TEST(BankCheck, CountsAsTheDefinitionDoes) {
  std::uint64_t wrong = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Dice dice(seed);
    std::vector<HistoryOperation> history;
    std::uint64_t expected = 0;
    for (std::int64_t i = 0; i < 20; ++i) {
      const std::int64_t first = dice.below(100);
      const std::int64_t off = dice.chance(0.1) ? dice.below(3) - 1 : 0;
      history.push_back(read(static_cast<std::uint64_t>(i), list({first, 100 - first + off}), i));
      expected += off == 0 ? 0U : 1U;
    }
    ASSERT_EQ(count_in(check_bank(history, {.total = 100}), "wrong sum"), expected);
    wrong += expected;
  }
  EXPECT_GT(wrong, 200U);
}

}  // namespace
}  // namespace squall::reports
