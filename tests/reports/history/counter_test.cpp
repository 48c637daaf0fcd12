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

HistoryOperation add(std::uint64_t process, std::int64_t amount, std::int64_t from, std::int64_t to,
                     HistoryOutcome outcome = HistoryOutcome::kOk) {
  return made(process, HistoryOp::kAdd, amount, from, to, outcome);
}
HistoryOperation read(std::uint64_t process, std::int64_t value, std::int64_t from,
                      std::int64_t to) {
  return made(process, HistoryOp::kRead, value, from, to);
}

model::HistoryCheckReport judge(std::vector<HistoryOperation> history,
                                const model::HistoryCheckPlan& plan = {}) {
  return check_counter(fold_attempts(std::move(history), plan.repeats), plan);
}

TEST(CounterCheck, ReadsLieBetweenWhatWasAckedAndWhatWasAsked) {
  const auto seen = [](std::int64_t value) {
    return judge({add(1, 2, 0, 1), add(2, 3, 2, 3, HistoryOutcome::kInfo),
                  add(3, 100, 2, 3, HistoryOutcome::kFail), read(4, value, 10, 11)});
  };
  EXPECT_EQ(seen(2).verdict, Verdict::kPass);
  EXPECT_EQ(seen(5).verdict, Verdict::kPass);
  EXPECT_EQ(count_in(seen(1), "too low"), 1U);
  EXPECT_EQ(count_in(seen(6), "too high"), 1U);
  EXPECT_THAT(seen(6).witness.at(0), HasSubstr("2 to 5 were possible, key k"));
}

TEST(CounterCheck, AnAddThatOverlapsTheReadMayBeInIt) {
  EXPECT_EQ(judge({add(1, 1, 0, 10), read(2, 0, 5, 6)}).verdict, Verdict::kPass);
  EXPECT_EQ(judge({add(1, 1, 0, 10), read(2, 1, 5, 6)}).verdict, Verdict::kPass);
  EXPECT_EQ(judge({add(1, 1, 7, 10), read(2, 1, 5, 6)}).verdict, Verdict::kFail);
}

TEST(CounterCheck, ItGrows) {
  const auto report =
      judge({add(1, 1, 0, 1, HistoryOutcome::kInfo), read(2, 1, 2, 3), read(3, 0, 4, 5)});
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(report, "shrunk"), 1U);
  EXPECT_EQ(judge({add(1, 1, 0, 1), add(2, -1, 2, 3, HistoryOutcome::kInfo), read(3, 0, 4, 5),
                   read(4, 1, 6, 7)})
                .verdict,
            Verdict::kPass);
}

TEST(CounterCheck, InitialAndRepeats) {
  EXPECT_EQ(judge({read(1, 10, 0, 1)}, {.initial = model::HistoryScalar(std::int64_t{10})}).verdict,
            Verdict::kPass);
  HistoryOperation copy = add(1, 1, 0, 2);
  copy.copy = 1;
  const std::vector<HistoryOperation> doubled = {add(1, 1, 0, 1), copy, read(2, 2, 5, 6)};
  EXPECT_EQ(judge(doubled).verdict, Verdict::kFail);
  EXPECT_EQ(judge(doubled, {.repeats = model::HistoryRepeats::kAgain}).verdict, Verdict::kPass);
}

TEST(CounterCheck, NothingReadOrNoNumbersIsInconclusive) {
  EXPECT_EQ(judge({add(1, 1, 0, 1)}).verdict, Verdict::kInconclusive);
  HistoryOperation text = add(1, 1, 0, 1);
  text.value = std::string("many");
  EXPECT_EQ(judge({text, read(2, 7, 3, 4)}).verdict, Verdict::kInconclusive);
}

// Every read against every add and every read.
std::map<std::string, std::uint64_t> slow_counts(const std::vector<HistoryOperation>& history) {
  std::map<std::string, std::uint64_t> counts;
  bool grows = true;
  for (const HistoryOperation& one : history) {
    grows = grows && (one.op == HistoryOp::kRead || one.outcome == HistoryOutcome::kFail ||
                      std::get<std::int64_t>(one.value) >= 0);
  }
  for (const HistoryOperation& read : history) {
    if (read.op != HistoryOp::kRead) {
      continue;
    }
    std::int64_t low = 0;
    std::int64_t high = 0;
    bool shrunk = false;
    const auto seen = std::get<std::int64_t>(read.value);
    for (const HistoryOperation& other : history) {
      const auto amount = std::get<std::int64_t>(other.value);
      if (other.op == HistoryOp::kRead) {
        shrunk = shrunk || (grows && other.complete < read.invoke && amount > seen);
        continue;
      }
      if (other.outcome == HistoryOutcome::kFail) {
        continue;
      }
      const bool there = other.outcome == HistoryOutcome::kOk && other.complete < read.invoke;
      const bool possible = other.invoke <= read.complete;
      low += (amount > 0 ? there : possible) ? amount : 0;
      high += (amount > 0 ? possible : there) ? amount : 0;
    }
    if (seen < low) {
      ++counts["too low"];
    } else if (seen > high) {
      ++counts["too high"];
    } else if (shrunk) {
      ++counts["shrunk"];
    }
  }
  return counts;
}

TEST(CounterCheck, CountsAsTheDefinitionDoes) {
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Dice dice(seed);
    const bool takes_away = dice.chance(0.3);
    std::vector<HistoryOperation> history;
    for (std::int64_t i = 0; i < 16; ++i) {
      const auto process = static_cast<std::uint64_t>(i);
      const std::int64_t from = dice.below(100);
      const std::int64_t to = from + 1 + dice.below(20);
      if (dice.chance(0.4)) {
        history.push_back(read(process, from / 8 + dice.below(8), from, to));
        continue;
      }
      const std::int64_t outcome = dice.below(10);
      history.push_back(add(process, dice.below(4) - (takes_away ? 1 : 0), from, to,
                            outcome < 6   ? HistoryOutcome::kOk
                            : outcome < 9 ? HistoryOutcome::kInfo
                                          : HistoryOutcome::kFail));
    }
    const auto report = judge(history);
    auto slow = slow_counts(history);
    if (report.verdict == Verdict::kInconclusive) {
      continue;
    }
    for (const char* name : {"too low", "too high", "shrunk"}) {
      ASSERT_EQ(count_in(report, name), slow[name]) << name << ", seed " << seed;
      seen[name] += slow[name];
    }
  }
  for (const auto& [name, count] : seen) {
    EXPECT_GT(count, 200U) << name;
  }
}

}  // namespace
}  // namespace squall::reports
