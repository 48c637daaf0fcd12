#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/history/checker.hpp"
#include "tests/reports/history/histories.hpp"

namespace squall::reports {
namespace {

using model::HistoryList;
using model::HistoryOp;
using model::HistoryOperation;
using model::HistoryOutcome;
using model::HistoryScalar;
using model::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

HistoryOperation write(std::uint64_t process, std::int64_t value, std::int64_t from,
                       std::int64_t to, HistoryOutcome outcome = HistoryOutcome::kOk) {
  return made(process, HistoryOp::kWrite, value, from, to, outcome);
}
HistoryOperation read(std::uint64_t process, std::int64_t value, std::int64_t from,
                      std::int64_t to) {
  return made(process, HistoryOp::kRead, value, from, to);
}
HistoryOperation cas(std::uint64_t process, std::int64_t expected, std::int64_t value,
                     std::int64_t from, std::int64_t to,
                     HistoryOutcome outcome = HistoryOutcome::kOk) {
  return made(process, HistoryOp::kCas, HistoryList{expected, value}, from, to, outcome);
}

model::HistoryCheckReport judge(std::vector<HistoryOperation> history,
                                const model::HistoryCheckPlan& plan = {},
                                const SearchLimits& limits = {}) {
  return check_register(fold_attempts(std::move(history), plan.repeats), plan, limits);
}

// The definition, tried out: some order of all that is ok and of any of what is info, that keeps
// the order of what does not overlap, and in which each sees what was there.
class BruteForce {
 public:
  BruteForce(const std::vector<HistoryOperation>& history,
             const std::optional<HistoryScalar>& initial)
      : initial_(initial) {
    for (const HistoryOperation& one : history) {
      if (one.outcome == HistoryOutcome::kOk) {
        must_.push_back(&one);
      } else if (one.outcome == HistoryOutcome::kInfo && one.op != HistoryOp::kRead) {
        may_.push_back(&one);
      }
    }
  }

  [[nodiscard]] bool linearizable() const {
    for (std::size_t some = 0; some < (std::size_t{1} << may_.size()); ++some) {
      std::vector<const HistoryOperation*> order = must_;
      for (std::size_t i = 0; i < may_.size(); ++i) {
        if (((some >> i) & 1U) != 0) {
          order.push_back(may_[i]);
        }
      }
      std::sort(order.begin(), order.end());
      do {
        if (keeps_time(order) && explains(order)) {
          return true;
        }
      } while (std::next_permutation(order.begin(), order.end()));
    }
    return false;
  }

 private:
  static bool keeps_time(const std::vector<const HistoryOperation*>& order) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        if (order[j]->outcome == HistoryOutcome::kOk && order[j]->complete < order[i]->invoke) {
          return false;
        }
      }
    }
    return true;
  }

  [[nodiscard]] bool explains(const std::vector<const HistoryOperation*>& order) const {
    bool known = initial_.has_value();
    model::HistoryValue value = known ? model::history_value(*initial_) : model::HistoryValue();
    for (const HistoryOperation* one : order) {
      if (one->op == HistoryOp::kWrite) {
        value = one->value;
      } else if (one->op == HistoryOp::kRead) {
        if (known && one->value != value) {
          return false;
        }
        value = one->value;
      } else {
        const auto& pair = std::get<HistoryList>(one->value);
        if (known && model::history_value(pair[0]) != value) {
          return false;
        }
        value = model::history_value(pair[1]);
      }
      known = true;
    }
    return true;
  }

  std::optional<HistoryScalar> initial_;
  std::vector<const HistoryOperation*> must_;
  std::vector<const HistoryOperation*> may_;
};

// A register that works, asked by several at once; then, often, one answer is spoilt.
std::vector<HistoryOperation> random_history(Dice& dice) {
  constexpr std::int64_t kValues = 3;
  const std::int64_t operations = 3 + dice.below(4);
  std::vector<HistoryOperation> history;
  std::vector<std::pair<std::int64_t, std::size_t>> points;
  for (std::int64_t i = 0; i < operations; ++i) {
    const std::int64_t from = dice.below(20);
    const std::int64_t to = from + 1 + dice.below(10);
    const auto process = static_cast<std::uint64_t>(i);
    const std::int64_t kind = dice.below(10);
    history.push_back(kind < 5 ? read(process, 0, from, to)
                      : kind < 9
                          ? write(process, dice.below(kValues), from, to)
                          : cas(process, dice.below(kValues), dice.below(kValues), from, to));
    points.emplace_back(from + dice.below(to - from + 1), i);
  }
  std::sort(points.begin(), points.end());
  std::int64_t value = 0;
  for (const auto& [at, i] : points) {
    HistoryOperation& one = history[i];
    if (one.op == HistoryOp::kRead) {
      one.value = value;
      continue;
    }
    bool done = true;
    if (one.op == HistoryOp::kCas) {
      auto& pair = std::get<HistoryList>(one.value);
      done = pair[0] == HistoryScalar(value);
      value = done ? std::get<std::int64_t>(pair[1]) : value;
    }
    // Whether somebody was told: of what was done, not always; of what was refused, always.
    const bool told = dice.chance(0.8);
    if (one.op == HistoryOp::kWrite) {
      done = told || dice.chance(0.5);
      value = done ? std::get<std::int64_t>(one.value) : value;
    }
    one.outcome = told   ? (done ? HistoryOutcome::kOk : HistoryOutcome::kFail)
                  : done ? HistoryOutcome::kInfo
                         : (dice.chance(0.5) ? HistoryOutcome::kInfo : HistoryOutcome::kFail);
  }
  if (dice.chance(0.75)) {
    for (HistoryOperation& one : history) {
      if (one.op == HistoryOp::kCas && dice.chance(0.5)) {
        one.outcome = HistoryOutcome::kOk;
      } else if (one.op == HistoryOp::kRead && dice.chance(0.6)) {
        one.value = dice.below(kValues + 1);
      }
    }
  }
  return history;
}

TEST(RegisterCheck, AgreesWithEveryOrderTriedOut) {
  constexpr std::uint64_t kHistories = 10'000;
  std::uint64_t broken = 0;
  std::uint64_t with_fail = 0;
  std::uint64_t with_info = 0;
  for (std::uint64_t seed = 0; seed < kHistories; ++seed) {
    Dice dice(seed);
    const std::vector<HistoryOperation> history = random_history(dice);
    model::HistoryCheckPlan plan;
    if (dice.chance(0.7)) {
      plan.initial = HistoryScalar(std::int64_t{0});
    }
    const bool linearizable = BruteForce(history, plan.initial).linearizable();
    const auto report = judge(history, plan);
    ASSERT_EQ(report.verdict != Verdict::kFail, linearizable)
        << "seed " << seed << ": " << testing::PrintToString(report.witness);
    ASSERT_EQ(report.violations, linearizable ? 0U : 1U);
    ASSERT_EQ(report.witness.empty(), linearizable);
    broken += linearizable ? 0U : 1U;
    const auto has = [&](HistoryOutcome outcome) {
      return std::any_of(history.begin(), history.end(),
                         [&](const HistoryOperation& one) { return one.outcome == outcome; });
    };
    with_fail += has(HistoryOutcome::kFail) ? 1U : 0U;
    with_info += has(HistoryOutcome::kInfo) ? 1U : 0U;
  }
  // Both answers, and all outcomes, have to occur often for this to mean anything.
  EXPECT_GT(broken, kHistories * 2 / 5);
  EXPECT_LT(broken, kHistories * 3 / 5);
  EXPECT_GT(with_fail, kHistories / 10);
  EXPECT_GT(with_info, kHistories / 5);
}

// Clients one after the other on their own keys, overlapping, all of it true.
std::vector<HistoryOperation> large_history(std::size_t keys, std::size_t per_key) {
  Dice dice(7);
  std::vector<HistoryOperation> history;
  for (std::size_t key = 0; key < keys; ++key) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < per_key; ++i) {
      const auto at = static_cast<std::int64_t>(i) * 10;
      const auto process = static_cast<std::uint64_t>(key * per_key + i);
      // Done at `at`; up to eight are open at any time.
      HistoryOperation one = dice.chance(0.5)
                                 ? read(process, value, at - dice.below(40), at + dice.below(40))
                                 : write(process, static_cast<std::int64_t>(i), at - dice.below(40),
                                         at + dice.below(40));
      if (one.op == HistoryOp::kWrite) {
        value = static_cast<std::int64_t>(i);
        one.outcome = dice.chance(0.02) ? HistoryOutcome::kInfo : HistoryOutcome::kOk;
      }
      one.key = "key-" + std::to_string(key);
      history.push_back(std::move(one));
    }
  }
  return history;
}

TEST(RegisterCheck, JudgesAHundredThousandOperationsOverAThousandKeys) {
  const auto report = judge(large_history(1000, 100));
  EXPECT_EQ(report.verdict, Verdict::kPass) << report.summary;
  EXPECT_EQ(count_in(report, "linearizable"), 1000U);
  EXPECT_EQ(count_in(report, "reads") + count_in(report, "changes"), 100'000U);
}

TEST(RegisterCheck, JudgesOneLongKey) {
  const auto report = judge(large_history(1, 20'000));
  EXPECT_EQ(report.verdict, Verdict::kPass) << report.summary;
}

TEST(RegisterCheck, FindsOneSpoiltReadAmongMany) {
  std::vector<HistoryOperation> history = large_history(100, 100);
  const auto spoilt = std::find_if(history.begin() + 5050, history.end(),
                                   [](const auto& one) { return one.op == HistoryOp::kRead; });
  spoilt->value = std::int64_t{1'000'000};
  const auto report = judge(history);
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(report.violations, 1U);
  EXPECT_EQ(count_in(report, "linearizable"), 99U);
  EXPECT_THAT(report.witness.at(0), HasSubstr(spoilt->key));
}

TEST(RegisterCheck, AWitnessHoldsOnlyWhatContradictsItself) {
  std::vector<HistoryOperation> history = {write(1, 1, 0, 1), read(2, 1, 2, 3), write(3, 2, 4, 5),
                                           read(4, 2, 6, 7),  read(5, 1, 8, 9), read(6, 1, 10, 11)};
  const auto report = judge(history);
  EXPECT_EQ(report.verdict, Verdict::kFail);
  // The last write of 1 cannot be seen again after 2 was: the read of 2 says the same as its write.
  ASSERT_EQ(report.witness.size(), 4U) << testing::PrintToString(report.witness);
  EXPECT_THAT(report.witness[0], HasSubstr("key k: no order of these explains what they saw"));
  EXPECT_THAT(report.witness[1], HasSubstr("write 1 "));
  EXPECT_THAT(report.witness[2], HasSubstr("write 2 "));
  EXPECT_THAT(report.witness[3], HasSubstr("read -> 1 "));
  EXPECT_THAT(report.witness[3], HasSubstr("<- until this, there is one"));
}

TEST(RegisterCheck, WhatIsNotKnownMayBeDoneAtAnyLaterTime) {
  const auto late = [](HistoryOutcome outcome) {
    return judge(
        {write(1, 1, 0, 1), write(2, 2, 2, 3, outcome), read(3, 1, 10, 11), read(4, 2, 20, 21)});
  };
  EXPECT_EQ(late(HistoryOutcome::kInfo).verdict, Verdict::kPass);
  EXPECT_EQ(late(HistoryOutcome::kOk).verdict, Verdict::kFail);
  EXPECT_EQ(late(HistoryOutcome::kFail).verdict, Verdict::kFail);
}

TEST(RegisterCheck, AnInitialValueThatIsNotKnownMayBeAny) {
  const std::vector<HistoryOperation> history = {read(1, 5, 0, 1), read(2, 5, 2, 3)};
  EXPECT_EQ(judge(history).verdict, Verdict::kPass);
  EXPECT_EQ(judge(history, {.initial = HistoryScalar(std::int64_t{4})}).verdict, Verdict::kFail);
  EXPECT_EQ(judge({read(1, 5, 0, 1), read(2, 6, 2, 3)}).verdict, Verdict::kFail);
}

TEST(RegisterCheck, NothingReadIsInconclusive) {
  const auto report = judge({write(1, 1, 0, 1)});
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
  EXPECT_EQ(report.summary, "no read saw a register: nothing was read back");
}

// A second try of the same operation under a key that makes it idempotent: it is acknowledged, and
// changes nothing.
TEST(RegisterCheck, ARepeatedAttemptIsDoneOnceUnlessThePlanSaysOtherwise) {
  HistoryOperation retry = write(1, 1, 20, 21);
  retry.attempt = 1;
  const std::vector<HistoryOperation> replayed = {write(1, 1, 0, 5, HistoryOutcome::kInfo),
                                                  write(2, 2, 10, 11), retry, read(3, 2, 30, 31)};
  const std::vector<HistoryOperation> clobbered = {write(1, 1, 0, 5, HistoryOutcome::kInfo),
                                                   read(4, 1, 6, 7), write(2, 2, 10, 11), retry,
                                                   read(3, 1, 30, 31)};
  const HistoryScalar zero(std::int64_t{0});
  EXPECT_EQ(judge(replayed, {.initial = zero}).verdict, Verdict::kPass);
  EXPECT_EQ(judge(clobbered, {.initial = zero}).verdict, Verdict::kFail);
  const model::HistoryCheckPlan again{.repeats = model::HistoryRepeats::kAgain, .initial = zero};
  EXPECT_EQ(judge(replayed, again).verdict, Verdict::kPass);
  EXPECT_EQ(judge(clobbered, again).verdict, Verdict::kPass);
}

// Writes that all overlap, and a last read of a value that nobody wrote: every order is tried.
std::vector<HistoryOperation> hard_history(std::int64_t writers) {
  std::vector<HistoryOperation> history;
  for (std::int64_t i = 0; i < writers; ++i) {
    const auto process = static_cast<std::uint64_t>(i);
    history.push_back(write(process, i, 0, 100));
    history.push_back(cas(process + 1000, i, i + 1, 0, 100));
  }
  history.push_back(read(5000, -1, 200, 201));
  return history;
}

TEST(RegisterCheck, GivesUpAtTheLimitAndSaysHowFarItCame) {
  std::uint64_t asked = 0;
  const SearchLimits limits{.over = [&asked] { return ++asked > 20; }};
  std::vector<HistoryOperation> history = hard_history(30);
  HistoryOperation easy = write(9000, 1, 0, 1);
  HistoryOperation spoilt = read(9001, 2, 2, 3);
  easy.key = spoilt.key = "easy";
  const auto undecided = judge(history, {}, limits);
  EXPECT_EQ(undecided.verdict, Verdict::kInconclusive);
  EXPECT_EQ(undecided.violations, 0U);
  EXPECT_THAT(undecided.summary, HasSubstr("0 of 1 key linearizable; 1 undecided at the limit"));
  EXPECT_THAT(undecided.summary,
              testing::ContainsRegex("key k: [0-9]+ of 61 operations in order after [0-9]+ steps"));

  // The hard key does not keep the easy one waiting.
  asked = 0;
  history.push_back(easy);
  history.push_back(spoilt);
  const SearchLimits longer{.over = [&asked] { return ++asked > 60; }};
  const auto found = judge(history, {}, longer);
  EXPECT_EQ(found.verdict, Verdict::kFail);
  EXPECT_THAT(found.summary, HasSubstr("1 of 2 keys not linearizable; 1 undecided"));
}

TEST(RegisterCheck, GivesUpWhenItRemembersTooMuch) {
  const auto report = judge(hard_history(30), {}, {.over = {}, .max_bytes = 1024 * 1024});
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
}

TEST(RegisterCheck, TextsAndNothingAreValues) {
  HistoryOperation nothing = read(1, 0, 0, 1);
  nothing.value = std::monostate();
  HistoryOperation text = write(2, 0, 2, 3);
  text.value = std::string("green");
  HistoryOperation seen = read(3, 0, 4, 5);
  seen.value = std::string("green");
  EXPECT_EQ(judge({nothing, text, seen}, {.initial = HistoryScalar()}).verdict, Verdict::kPass);
  seen.value = std::string("blue");
  EXPECT_EQ(judge({nothing, text, seen}, {.initial = HistoryScalar()}).verdict, Verdict::kFail);
}

}  // namespace
}  // namespace squall::reports
