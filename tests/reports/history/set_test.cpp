#include <map>
#include <set>

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
using model::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;

HistoryOperation add(std::uint64_t process, std::int64_t element, std::int64_t from,
                     std::int64_t to, HistoryOutcome outcome = HistoryOutcome::kOk) {
  return made(process, HistoryOp::kAdd, element, from, to, outcome);
}
HistoryOperation read(std::uint64_t process, const std::vector<std::int64_t>& elements,
                      std::int64_t from, std::int64_t to) {
  return made(process, HistoryOp::kRead, list(elements), from, to);
}

model::HistoryCheckReport judge(std::vector<HistoryOperation> history,
                                const model::HistoryCheckPlan& plan = {}) {
  return check_set(fold_attempts(std::move(history), plan.repeats), plan);
}

TEST(SetCheck, WhatIsReadBackIsStable) {
  const auto report = judge({add(1, 1, 0, 1), add(2, 2, 2, 3), read(3, {2, 1}, 4, 5)});
  EXPECT_EQ(report.verdict, Verdict::kPass);
  EXPECT_EQ(count_in(report, "stable"), 2U);
}

TEST(SetCheck, AnAckedElementThatIsGoneIsLost) {
  const auto report =
      judge({add(1, 1, 0, 1), read(3, {1}, 4, 5), read(4, {}, 6, 7), add(2, 9, 0, 1)});
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(report, "lost"), 2U);
  EXPECT_THAT(report.witness[0], HasSubstr("lost: 1 of key k"));
  EXPECT_THAT(report.witness[1], HasSubstr("add 1 "));
  EXPECT_THAT(report.witness[2], HasSubstr("<- the last that shows it"));
  EXPECT_THAT(report.witness[3], HasSubstr("read -> [] "));
}

// Some services answer null instead of [].
TEST(SetCheck, NothingIsTheEmptySetWhereOtherReadsShowAList) {
  const auto nothing = [](std::int64_t from) {
    return made(9, HistoryOp::kRead, {}, from, from + 1);
  };
  EXPECT_EQ(count_in(judge({add(1, 1, 0, 1), read(2, {1}, 4, 5), nothing(6)}), "lost"), 1U);
  EXPECT_EQ(judge({add(1, 1, 2, 3), nothing(0), read(2, {1}, 4, 5)}).verdict, Verdict::kPass);
  EXPECT_EQ(judge({add(1, 1, 0, 1), nothing(6)}).verdict, Verdict::kInconclusive)
      << "the plan may look at the wrong place";
  HistoryOperation other = read(3, {}, 2, 3);
  other.key = "other";
  EXPECT_EQ(count_in(judge({add(1, 1, 0, 1), nothing(6), other}), "lost"), 1U);
}

TEST(SetCheck, AnElementThatComesLateIsStaleAndViolatesOnlyWhatIsLinearizable) {
  const std::vector<HistoryOperation> history = {add(1, 1, 0, 1), read(2, {}, 5, 6),
                                                 read(3, {1}, 7, 8)};
  EXPECT_EQ(judge(history).verdict, Verdict::kPass);
  EXPECT_EQ(count_in(judge(history), "stale"), 1U);
  EXPECT_THAT(judge(history).summary, HasSubstr("1 are stable, 1 of them stale (known for up to"));
  EXPECT_EQ(judge(history, {.linearizable = true}).verdict, Verdict::kFail);
}

TEST(SetCheck, AReadThatOverlapsTheAddNeedNotShowIt) {
  EXPECT_EQ(
      judge({add(1, 1, 0, 5), read(2, {}, 4, 9), read(3, {1}, 10, 11)}, {.linearizable = true})
          .verdict,
      Verdict::kPass);
}

TEST(SetCheck, UnknownElementsMayAppearAndRefusedOnesMayNot) {
  const auto recovered = judge({add(1, 1, 0, 1, HistoryOutcome::kInfo), read(2, {1}, 4, 5)});
  EXPECT_EQ(recovered.verdict, Verdict::kPass);
  EXPECT_EQ(count_in(recovered, "recovered"), 1U);
  const auto phantom = judge({add(1, 1, 0, 1, HistoryOutcome::kFail), read(2, {1}, 4, 5)});
  EXPECT_EQ(phantom.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(phantom, "phantom"), 1U);
}

TEST(SetCheck, AnElementThatAReadSawHasToStay) {
  const auto report =
      judge({add(1, 1, 0, 1, HistoryOutcome::kInfo), read(2, {1}, 4, 5), read(3, {}, 6, 7)});
  EXPECT_EQ(count_in(report, "lost"), 1U);
}

TEST(SetCheck, AnElementTwiceIsADuplicateUnlessAttemptsMayRepeat) {
  const std::vector<HistoryOperation> history = {add(1, 1, 0, 1), read(2, {1, 1}, 4, 5)};
  EXPECT_EQ(judge(history).verdict, Verdict::kFail);
  EXPECT_EQ(count_in(judge(history), "duplicated"), 1U);
  EXPECT_EQ(judge(history, {.repeats = model::HistoryRepeats::kAgain}).verdict, Verdict::kPass);
}

TEST(SetCheck, ForeignElementsAreCountedAndNoMore) {
  const auto report =
      judge({read(1, {7}, 0, 1), add(2, 7, 2, 3), add(3, 1, 2, 3), read(4, {7, 1, 99}, 4, 5)});
  EXPECT_EQ(report.verdict, Verdict::kPass);
  EXPECT_EQ(count_in(report, "attempted"), 1U);
  EXPECT_EQ(count_in(report, "foreign"), 2U);
}

TEST(SetCheck, NothingReadBackIsInconclusive) {
  EXPECT_EQ(judge({add(1, 1, 0, 1)}).verdict, Verdict::kInconclusive);
  EXPECT_EQ(judge({add(1, 1, 0, 9), read(2, {}, 1, 2)}).verdict, Verdict::kInconclusive);
}

// The definition, element by element and read by read.
struct Slow {
  std::map<std::string, std::uint64_t> counts;
};

Slow slow_counts(const std::vector<HistoryOperation>& history) {
  Slow slow;
  std::map<std::int64_t, std::vector<const HistoryOperation*>> adds;
  std::vector<const HistoryOperation*> reads;
  for (const HistoryOperation& one : history) {
    if (one.op == HistoryOp::kAdd) {
      adds[std::get<std::int64_t>(one.value)].push_back(&one);
    } else {
      reads.push_back(&one);
    }
  }
  const auto shows = [](const HistoryOperation* read, std::int64_t element) {
    const auto& all = std::get<HistoryList>(read->value);
    return std::count(all.begin(), all.end(), model::HistoryScalar(element));
  };
  for (const auto& [element, tries] : adds) {
    Duration known = Duration::max();
    Duration invoked = Duration::max();
    bool acked = false;
    bool open = false;
    for (const HistoryOperation* one : tries) {
      invoked = std::min(invoked, one->invoke);
      open = open || one->outcome == HistoryOutcome::kInfo;
      if (one->outcome == HistoryOutcome::kOk) {
        acked = true;
        known = std::min(known, one->complete);
      }
    }
    bool shown = false;
    bool twice = false;
    bool older = false;
    for (const HistoryOperation* read : reads) {
      if (const auto times = shows(read, element); times > 0) {
        known = std::min(known, read->complete);
        shown = true;
        twice = twice || times > 1;
        older = older || read->complete < invoked;
      }
    }
    if (older) {
      continue;
    }
    ++slow.counts["attempted"];
    slow.counts["duplicated"] += twice ? 1U : 0U;
    if (shown && !acked) {
      ++slow.counts[open ? "recovered" : "phantom"];
      if (!open) {
        continue;
      }
    }
    Duration last_present = Duration::min();
    Duration last_absent = Duration::min();
    for (const HistoryOperation* read : reads) {
      if (shows(read, element) > 0) {
        last_present = std::max(last_present, read->invoke);
      } else if (read->invoke > known) {
        last_absent = std::max(last_absent, read->invoke);
      }
    }
    if (last_absent == Duration::min()) {
      ++slow.counts[shown ? "stable" : "never read"];
    } else if (last_present > last_absent) {
      ++slow.counts["stable"];
      ++slow.counts["stale"];
    } else {
      ++slow.counts["lost"];
    }
  }
  return slow;
}

TEST(SetCheck, CountsAsTheDefinitionDoes) {
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Dice dice(seed);
    std::vector<HistoryOperation> history;
    const std::int64_t elements = 1 + dice.below(6);
    for (std::int64_t i = 0; i < elements; ++i) {
      const std::int64_t from = dice.below(1000) * 2;
      const std::int64_t outcome = dice.below(10);
      history.push_back(add(static_cast<std::uint64_t>(i), i, from, from + 1 + dice.below(300) * 2,
                            outcome < 7   ? HistoryOutcome::kOk
                            : outcome < 9 ? HistoryOutcome::kInfo
                                          : HistoryOutcome::kFail));
    }
    const std::int64_t reads = dice.below(7);
    for (std::int64_t i = 0; i < reads; ++i) {
      const std::int64_t from = dice.below(1500) * 2;
      std::vector<std::int64_t> shown;
      for (std::int64_t element = 0; element < elements; ++element) {
        // What was added is mostly there from then on.
        const bool after =
            history[static_cast<std::size_t>(element)].invoke < std::chrono::microseconds(from);
        if (dice.chance(after ? 0.9 : 0.02)) {
          shown.push_back(element);
          if (dice.chance(0.02)) {
            shown.push_back(element);
          }
        }
      }
      // Odd, and each once: no two reads begin together.
      history.push_back(read(100 + static_cast<std::uint64_t>(i), shown, from + 1 + i * 4000,
                             from + i * 4000 + 2 + dice.below(200) * 2));
    }
    const auto report = judge(history);
    Slow slow = slow_counts(history);
    for (const char* name : {"attempted", "stable", "stale", "lost", "recovered", "never read",
                             "duplicated", "phantom"}) {
      ASSERT_EQ(count_in(report, name), slow.counts[name]) << name << ", seed " << seed;
      seen[name] += slow.counts[name];
    }
  }
  for (const auto& [name, count] : seen) {
    EXPECT_GT(count, 50U) << name << " hardly ever occurred";
  }
}

}  // namespace
}  // namespace squall::reports
