// Options of the command line that change the plan.
#include "loadgen/plan/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using testing::HasSubstr;

TEST(CommandLine, ATargetMustBeLoopbackOrAllowed) {
  World world;
  world.options.targets = {"http://127.0.0.1:9"};
  EXPECT_EQ(world.plan(small_plan())->targets[0].replicas[0].port, 9);
  world.options.targets = {"http://staging.example"};
  EXPECT_THAT(world.problems(small_plan()),
              HasSubstr("--target:1:1: staging.example is neither loopback nor a target"));
  world.options.allow = {"staging.example"};
  EXPECT_EQ(world.plan(small_plan())->targets[0].replicas[0].host, "staging.example");
}

TEST(CommandLine, SeveralTargetOptionsAreReplicas) {
  World world;
  world.options.targets = {"shop=http://127.0.0.1:1", "shop=http://127.0.0.1:2/x=y"};
  const auto plan = world.plan(small_plan());
  ASSERT_NE(plan, nullptr);
  ASSERT_EQ(plan->targets[0].replicas.size(), 2u);
  EXPECT_EQ(plan->targets[0].replicas[1].base_path, "/x=y");
  world.options.targets = {"shp=http://127.0.0.1:1"};
  EXPECT_THAT(world.problems(small_plan()),
              HasSubstr("--target:1:1: there is no target named \"shp\"; did "
                        "you mean \"shop\"?"));
}

// What --otlp sets.
TEST(CommandLine, SpansGiveEveryTargetATrace) {
  World world;
  EXPECT_FALSE(world.plan(small_plan())->load.spans);
  EXPECT_FALSE(world.plan(small_plan())->targets[0].trace);
  world.options.set = {{"load.spans", "true"}};
  const auto plan = world.plan(small_plan());
  ASSERT_NE(plan, nullptr);
  EXPECT_TRUE(plan->load.spans);
  EXPECT_TRUE(plan->targets[0].trace);
  ASSERT_FALSE(plan->targets[0].headers.empty());
  EXPECT_EQ(plan->targets[0].headers.back().first, "traceparent");
}

TEST(CommandLine, ThreadsAndPace) {
  World world;
  world.options.threads = 3;
  world.options.pace = model::PaceMode::kSpin;
  const auto plan = world.plan(small_plan());
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->load.threads, 3u);
  EXPECT_EQ(plan->load.pace, model::PaceMode::kSpin);
  world.options.threads = 0;
  EXPECT_THAT(world.problems(small_plan()),
              HasSubstr("--threads:1:1: \"threads\" must be from 1 to 256"));
}

}  // namespace
}  // namespace squall::plan::test
