#include "loadgen/run/shard_merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace squall::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

run::ShardRun shard(unsigned index, unsigned count = 3) {
  run::ShardRun one;
  one.directory = "dir" + std::to_string(index + 1);
  one.plan_text = "format = 1\n";
  model::RunRecord& record = one.record;
  record.run_id = "r";
  record.shard = {.index = index, .count = count};
  record.started = WallTime(seconds(1000));
  record.planned_duration = seconds(10);
  record.measured_duration = seconds(10);
  record.threads = 2;
  record.connections = 4;
  record.host = "Linux";
  record.totals.started = index + 1;
  record.events = {{seconds(0), "phase", "measuring"}, {seconds(1), "oracle", "slow"}};
  return one;
}

std::string refusal(run::ShardMerge& merge, run::ShardRun one) {
  const auto added = merge.add(std::move(one));
  return added ? "" : added.error().message;
}

std::vector<std::string> texts(const std::vector<model::RunEvent>& events) {
  std::vector<std::string> all;
  for (const model::RunEvent& event : events) {
    all.push_back(event.text);
  }
  return all;
}

TEST(ShardMerge, SaysWhoseEventsAndBreachesTheyAre) {
  run::ShardMerge merge;
  run::ShardRun late = shard(2);
  late.record.breaches.push_back({.reason = "lag", .from_second = 3});
  ASSERT_TRUE(merge.add(std::move(late)));
  ASSERT_TRUE(merge.add(shard(0)));
  ASSERT_TRUE(merge.add(shard(1)));
  ASSERT_TRUE(merge.finish(run::MissingShards::kRefused));
  const model::RunRecord& record = merge.record();
  EXPECT_THAT(texts(record.events),
              ElementsAre("measuring", "shard 3/3: slow", "shard 1/3: slow", "shard 2/3: slow"));
  ASSERT_THAT(record.breaches, SizeIs(1));
  EXPECT_EQ(record.breaches[0].reason, "shard 3/3: lag");
  EXPECT_EQ(record.threads, 6U);
  EXPECT_EQ(record.connections, 12U);
  EXPECT_EQ(record.totals.started, 6U);
  EXPECT_EQ(record.host, "Linux");
  ASSERT_THAT(record.shards, SizeIs(3));
  EXPECT_EQ(record.shards[1].started, 2U);
  EXPECT_EQ(merge.shards()[0].directory, "dir1");
}

TEST(ShardMerge, RefusesAnotherRunAndTheSameShard) {
  run::ShardMerge merge;
  ASSERT_TRUE(merge.add(shard(0)));
  EXPECT_THAT(refusal(merge, shard(0)), HasSubstr("dir1 and dir1 are both shard 1/3"));
  EXPECT_THAT(refusal(merge, shard(1, 4)), HasSubstr("shard 1/3 and 2/4"));
  run::ShardRun other = shard(1);
  other.plan_text = "format = 1\nname = \"x\"\n";
  EXPECT_THAT(refusal(merge, other), HasSubstr("line 2: \"\" and \"name"));
  other = shard(1);
  other.record.warmup = seconds(1);
  EXPECT_THAT(refusal(merge, other), HasSubstr("other steps, faults or times"));
  other = shard(1);
  other.record.shard = {};
  EXPECT_THAT(refusal(merge, other), HasSubstr("is no shard"));
  EXPECT_FALSE(merge.finish(run::MissingShards::kRefused));
}

TEST(ShardMerge, TellsHowFarApartTheyBegan) {
  const auto merged = [](Duration apart) {
    run::ShardMerge merge;
    run::ShardRun second = shard(1, 2);
    second.record.started += apart;
    EXPECT_TRUE(merge.add(shard(0, 2)));
    EXPECT_TRUE(merge.add(std::move(second)));
    EXPECT_TRUE(merge.finish(run::MissingShards::kRefused));
    return merge.record();
  };
  EXPECT_THAT(merged(milliseconds(1)).events, SizeIs(3));
  const model::RunRecord told = merged(milliseconds(500));
  EXPECT_THAT(told.events, SizeIs(4));
  EXPECT_THAT(told.breaches, IsEmpty());
  const model::RunRecord invalid = merged(seconds(2));
  ASSERT_THAT(invalid.breaches, SizeIs(1));
  EXPECT_THAT(invalid.breaches[0].reason, HasSubstr("t = 0 of 2/2 was 2s after that of 1/2"));
}

TEST(ShardMerge, OneThatWasKilledSaysNothingAboutTheStart) {
  run::ShardMerge merge;
  run::ShardRun killed = shard(0, 2);
  killed.record.started -= seconds(30);
  killed.record.complete = false;
  ASSERT_TRUE(merge.add(std::move(killed)));
  ASSERT_TRUE(merge.add(shard(1, 2)));
  ASSERT_TRUE(merge.finish(run::MissingShards::kRefused));
  ASSERT_THAT(merge.record().breaches, SizeIs(1));  // of the kill, none of the start
  EXPECT_THAT(merge.record().breaches[0].reason, HasSubstr("shard 1/2 was killed"));
  EXPECT_TRUE(merge.record().breaches[0].voids_effects);
  EXPECT_EQ(merge.record().started, WallTime(seconds(1000)));
  EXPECT_FALSE(merge.record().complete);
}

TEST(ShardMerge, WhatIsMissingVoidsEffects) {
  run::ShardMerge merge;
  ASSERT_TRUE(merge.add(shard(1)));
  const auto refused = merge.finish(run::MissingShards::kRefused);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("shards 1/3 and 3/3 are missing"));
  ASSERT_TRUE(merge.finish(run::MissingShards::kTold));
  ASSERT_THAT(merge.record().breaches, SizeIs(1));
  EXPECT_TRUE(merge.record().breaches[0].voids_effects);
  EXPECT_FALSE(std::signbit(merge.record().breaches[0].from_second)) << "\"from -0s on\"";
  run::ShardMerge none;
  EXPECT_FALSE(none.finish(run::MissingShards::kTold));
}

}  // namespace
}  // namespace squall::test
