#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/history/checker.hpp"
#include "tests/reports/history/histories.hpp"

namespace squall::reports {
namespace {

using model::HistoryOp;
using model::HistoryOperation;
using model::Verdict;
using testing::HasSubstr;

HistoryOperation versioned(HistoryOp op, std::uint64_t client, std::int64_t version,
                           std::int64_t from, std::int64_t to) {
  static std::uint64_t arrival = 0;
  HistoryOperation one = made(client, op, std::int64_t{0}, from, to);
  one.arrival = ++arrival;
  one.version = version;
  return one;
}
HistoryOperation write(std::uint64_t client, std::int64_t version, std::int64_t from,
                       std::int64_t to) {
  return versioned(HistoryOp::kWrite, client, version, from, to);
}
HistoryOperation read(std::uint64_t client, std::int64_t version, std::int64_t from,
                      std::int64_t to) {
  return versioned(HistoryOp::kRead, client, version, from, to);
}

model::HistoryCheckReport judge(std::vector<HistoryOperation> history) {
  return check_session(fold_attempts(std::move(history), model::HistoryRepeats::kOnce), {});
}

TEST(SessionCheck, ReadYourWrites) {
  const auto report = judge({write(1, 5, 0, 1), read(1, 4, 2, 3)});
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_EQ(count_in(report, "read your writes"), 1U);
  EXPECT_THAT(report.witness.at(0), HasSubstr("read your writes: client 1, key k"));
  EXPECT_THAT(report.witness.at(1), HasSubstr("(version 5)"));
  EXPECT_EQ(judge({write(1, 5, 0, 1), read(1, 5, 2, 3)}).verdict, Verdict::kPass);
  EXPECT_EQ(judge({write(1, 5, 0, 1), read(2, 4, 2, 3), read(2, 4, 4, 5)}).verdict, Verdict::kPass);
}

TEST(SessionCheck, MonotonicReads) {
  EXPECT_EQ(count_in(judge({read(1, 5, 0, 1), read(1, 4, 2, 3)}), "monotonic reads"), 1U);
  EXPECT_EQ(judge({read(1, 5, 0, 1), read(1, 5, 2, 3)}).verdict, Verdict::kPass);
}

TEST(SessionCheck, MonotonicWrites) {
  EXPECT_EQ(count_in(judge({write(1, 5, 0, 1), write(1, 5, 2, 3)}), "monotonic writes"), 1U);
  EXPECT_EQ(judge({write(1, 5, 0, 1), write(1, 6, 2, 3)}).verdict, Verdict::kPass);
}

TEST(SessionCheck, WritesFollowReads) {
  EXPECT_EQ(count_in(judge({read(1, 5, 0, 1), write(1, 5, 2, 3)}), "writes follow reads"), 1U);
  EXPECT_EQ(judge({read(1, 5, 0, 1), write(1, 6, 2, 3)}).verdict, Verdict::kPass);
}

TEST(SessionCheck, WhatOverlapsHasNoOrder) {
  EXPECT_EQ(judge({write(1, 5, 0, 10), read(1, 4, 9, 12)}).violations, 0U);
}

// The answer of a late copy is the one that was kept: it is no write of its own.
TEST(SessionCheck, AnotherAttemptOfAWriteIsNoLaterWrite) {
  HistoryOperation first = write(1, 5, 0, 1);
  HistoryOperation copy = first;
  copy.copy = 1;
  copy.process = 9;
  copy.invoke = std::chrono::microseconds(20);
  copy.complete = std::chrono::microseconds(21);
  EXPECT_EQ(judge({first, write(1, 6, 10, 11), copy}).verdict, Verdict::kPass);
}

TEST(SessionCheck, WithoutVersionsOrReturnsItIsInconclusive) {
  HistoryOperation one = write(1, 0, 0, 1);
  HistoryOperation two = read(1, 0, 2, 3);
  one.version.reset();
  two.version.reset();
  const auto report = judge({one, two});
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
  EXPECT_EQ(count_in(report, "without a version"), 2U);
  EXPECT_EQ(judge({write(1, 5, 0, 1), read(2, 5, 2, 3)}).verdict, Verdict::kInconclusive);
}

// Whether each operation keeps each guarantee, by looking at all that were complete before it.
std::map<std::string, std::uint64_t> slow_counts(const std::vector<HistoryOperation>& history) {
  std::map<std::string, std::uint64_t> broken;
  for (const HistoryOperation& later : history) {
    bool after_write = false;
    bool after_read = false;
    for (const HistoryOperation& earlier : history) {
      if (earlier.client != later.client || earlier.key != later.key ||
          earlier.complete >= later.invoke) {
        continue;
      }
      const bool too_old = later.op == HistoryOp::kRead ? *later.version < *earlier.version
                                                        : *later.version <= *earlier.version;
      (earlier.op == HistoryOp::kRead ? after_read : after_write) |= too_old;
    }
    const bool reads = later.op == HistoryOp::kRead;
    broken[reads ? "read your writes" : "monotonic writes"] += after_write ? 1U : 0U;
    broken[reads ? "monotonic reads" : "writes follow reads"] += after_read ? 1U : 0U;
  }
  return broken;
}

TEST(SessionCheck, CountsAsTheDefinitionDoes) {
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Dice dice(seed);
    std::vector<HistoryOperation> history;
    for (std::int64_t i = 0; i < 30; ++i) {
      const std::int64_t from = dice.below(200);
      HistoryOperation one = versioned(dice.chance(0.5) ? HistoryOp::kRead : HistoryOp::kWrite,
                                       static_cast<std::uint64_t>(dice.below(3)),
                                       from / 4 + dice.below(12), from, from + dice.below(30));
      one.key = dice.chance(0.5) ? "a" : "b";
      history.push_back(std::move(one));
    }
    const auto report = judge(history);
    for (const auto& [name, count] : slow_counts(history)) {
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
