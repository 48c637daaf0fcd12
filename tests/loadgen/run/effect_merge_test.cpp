#include "loadgen/run/effect_merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "loadgen/run/common_start.hpp"
#include "loadgen/run/foreign_keys.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

using effects::ForeignKeys;
using model::EffectVerdict;
using model::OperationOutcome;
using ::testing::HasSubstr;

constexpr auto kAcked = static_cast<std::size_t>(OperationOutcome::kAcked);

model::OracleReading reading(const std::map<std::string, std::uint64_t>& counts) {
  model::OracleReading result;
  result.counts.insert(counts.begin(), counts.end());
  return result;
}

TEST(ShardEffects, OnlyItsOwnKeysMoveAShard) {
  const effects::KeySet own = {"a", "b"};
  const auto before = reading({{"a", 1}, {"other", 1}});
  auto after = reading({{"a", 1}, {"other", 5}, {"new", 2}});
  EXPECT_TRUE(effects::equal_in(before, after, own));
  EXPECT_EQ(effects::only(after, own), reading({{"a", 1}}));
  after.undecided.insert("other");
  EXPECT_TRUE(effects::equal_in(before, after, own));
  after.undecided.insert("b");
  EXPECT_FALSE(effects::equal_in(before, after, own));
  EXPECT_FALSE(effects::equal_in(before, reading({{"a", 2}}), own));
}

TEST(ForeignKeysFile, KeepsWhatAnOracleSaid) {
  const TestDirectory directory;
  const ForeignKeys foreign = {.tried = {"p"}, .effects = {{"ledger", "k\n\"\\", 2}}};
  ASSERT_TRUE(run::write_foreign_keys(directory.path(), foreign));
  const auto read = run::read_foreign_keys(directory.path());
  ASSERT_TRUE(read.has_value()) << to_string(read.error());
  EXPECT_EQ(read->tried, foreign.tried);
  EXPECT_EQ(read->effects, foreign.effects);
  std::ofstream(directory / "foreign.ndjson", std::ios::app) << "{\"type\":\"effects\"}\n";
  const auto broken = run::read_foreign_keys(directory.path());
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().where->line, 3U);
  EXPECT_EQ(run::read_foreign_keys(directory / "nowhere").error().code, ErrorCode::kNotFound);
}

// Two shards, each with one acknowledged operation "k0", "k1" and an oracle "ledger".
class EffectMergeTest : public testing::Test {
 protected:
  EffectMergeTest() {
    for (unsigned i = 0; i < 2; ++i) {
      run::ShardRun shard;
      shard.record.shard = {.index = i, .count = 2};
      shard.record.steps = {{.name = "s.a", .request = "", .target = "", .is_effect = true}};
      model::EffectReport& effects = shard.record.effects;
      effects.counted = true;
      model::EffectCounts counts;
      counts.step = "s.a";
      counts.operations = 1;
      counts.outcomes[kAcked] = 1;
      counts.verdicts[static_cast<std::size_t>(EffectVerdict::kOk)] = 1;
      counts.effects = 1;
      effects.steps = {counts};
      model::OracleReport oracle;
      oracle.name = "ledger";
      oracle.settled = 1;
      oracle.stable = true;
      effects.oracles = {oracle};
      shards_.push_back(std::move(shard));
    }
    foreign_ = {{.tried = {"p0"}, .effects = {{"ledger", "k1", 1}, {"ledger", "p1", 1}}},
                {.tried = {"p1"}, .effects = {{"ledger", "k0", 1}}}};
  }

  static run::LedgerEntry operation(std::uint64_t arrival) {
    model::EffectOperation one;
    one.arrival = arrival;
    one.key = "k" + std::to_string(arrival);
    one.outcome = OperationOutcome::kAcked;
    return one;
  }

  model::EffectReport merged() {
    run::EffectMerge merge(shards_, foreign_);
    merge.add(0, operation(0));
    merge.add(1, operation(1));
    return merge.report();
  }

  std::vector<run::ShardRun> shards_;
  std::vector<ForeignKeys> foreign_;
};

TEST_F(EffectMergeTest, AnotherShardsEffectsAreNotUnattributed) {
  const model::EffectReport report = merged();
  ASSERT_EQ(report.oracles.size(), 1U);
  EXPECT_EQ(report.oracles[0].unattributed, 0U);
  EXPECT_EQ(report.oracles[0].settled, 2U);
  ASSERT_EQ(report.steps.size(), 1U);
  EXPECT_EQ(report.steps[0].operations, 2U);
  EXPECT_EQ(report.steps[0].effects, 2U);
}

TEST_F(EffectMergeTest, NobodysEffectsAreCountedOnce) {
  // Both have seen it, one of them later, when there was another one.
  foreign_[0].effects.push_back({"ledger", "ghost", 1});
  foreign_[1].effects.push_back({"ledger", "ghost", 2});
  EXPECT_EQ(merged().oracles[0].unattributed, 2U);
}

TEST_F(EffectMergeTest, WithoutAllShardsNothingIsUnattributed) {
  foreign_[0].effects.push_back({"ledger", "ghost", 1});
  shards_[1].record.complete = false;
  EXPECT_EQ(merged().oracles[0].unattributed, 0U);
}

TEST_F(EffectMergeTest, OperationsOfAKilledShardAreUndecided) {
  shards_[1].record.effects = {};
  shards_[1].record.complete = false;
  foreign_[1] = {};
  const model::EffectReport report = merged();
  ASSERT_EQ(report.steps.size(), 1U);
  EXPECT_EQ(report.steps[0].operations, 2U);
  EXPECT_EQ(report.steps[0].verdicts[static_cast<std::size_t>(EffectVerdict::kUndecided)], 1U);
  EXPECT_THAT(report.oracles[0].problem, HasSubstr("shard 2/2: it ended before"));
}

TEST_F(EffectMergeTest, WithoutAnybodyWhoCountedThereAreNoEffects) {
  for (run::ShardRun& shard : shards_) {
    shard.record.effects = {};
  }
  foreign_ = {{}, {}};
  const model::EffectReport report = merged();
  EXPECT_FALSE(report.counted);
  EXPECT_TRUE(report.steps.empty()) << "one process tells of none either";
}

TEST_F(EffectMergeTest, ALedgerHasAsManyOperationsAsItsShardCounted) {
  run::EffectMerge merge(shards_, foreign_);
  merge.add(0, operation(0));
  const auto torn = merge.check_ledgers();
  ASSERT_FALSE(torn.has_value());
  EXPECT_EQ(torn.error().code, ErrorCode::kMalformed);
  EXPECT_THAT(torn.error().message, HasSubstr("has 0 operations and"));
  merge.add(1, operation(1));
  EXPECT_TRUE(merge.check_ledgers().has_value());
  // The ledger of one that was killed ends where it was killed.
  shards_[0].record.complete = false;
  shards_[0].record.effects.steps[0].operations = 9;
  EXPECT_TRUE(merge.check_ledgers().has_value());
}

// Sums: 10 effects before both, 12 after.
class TotalMergeTest : public EffectMergeTest {
 protected:
  TotalMergeTest() {
    for (run::ShardRun& shard : shards_) {
      model::OracleReport& oracle = shard.record.effects.oracles[0];
      oracle.total_only = true;
      oracle.baseline = 10;
      oracle.settled = 12;
    }
    shards_[0].record.effects.oracles[0].baseline = 9;  // before the other's preflight
    foreign_ = {{}, {}};
  }
};

TEST_F(TotalMergeTest, ASumIsEverybodys) {
  const model::EffectReport right = merged();
  EXPECT_EQ(right.oracles[0].baseline, 10U);
  EXPECT_EQ(right.oracles[0].settled, 12U);
  EXPECT_EQ(right.surely_lost, 0U);
  EXPECT_EQ(right.surely_duplicate, 0U);
  shards_[1].record.effects.oracles[0].settled = 14;
  EXPECT_EQ(merged().surely_duplicate, 1U);
  for (run::ShardRun& shard : shards_) {
    shard.record.effects.oracles[0].settled = 11;
  }
  EXPECT_EQ(merged().surely_lost, 1U);
}

TEST_F(TotalMergeTest, ProvesNothingWhenAShardWasLateForTheFirstReading) {
  for (run::ShardRun& shard : shards_) {
    shard.record.effects.oracles[0].settled = 11;
  }
  shards_[1].record.events.push_back({.kind = std::string(run::kLateEvent), .text = ""});
  EXPECT_EQ(merged().surely_lost, 0U);
}

TEST_F(EffectMergeTest, CasesAreTheFirstOfAll) {
  for (std::uint64_t i = 0; i < 24; ++i) {
    model::EffectCase one;
    one.operation.arrival = i;
    shards_[1 - i % 2].record.effects.cases.push_back(one);
  }
  const auto cases = merged().cases;
  ASSERT_EQ(cases.size(), 10U);
  EXPECT_EQ(cases[0].operation.arrival, 0U);
  EXPECT_EQ(cases[9].operation.arrival, 9U);
}

}  // namespace
}  // namespace squall::test
