// The guard against a rate that was not meant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using testing::HasSubstr;

// 100 arrivals a second of one step against that target.
std::string guarded(std::string_view max_rate, std::string_view url = "http://staging.example",
                    std::string_view more = "") {
  std::string text =
      small_plan(more, max_rate.empty() ? "" : "max_rate = \"" + std::string(max_rate) + "\"\n");
  const std::string loopback = "http://127.0.0.1:8080";
  return text.replace(text.find(loopback), loopback.size(), url);
}

TEST(MaxRate, LetsThroughWhatItAllows) {
  World world;
  const auto plan = world.plan(guarded("100/s"));
  ASSERT_TRUE(plan->max_rate.has_value());
  EXPECT_EQ(plan->max_rate->per_second, 100);
  EXPECT_TRUE(plan->leaves_loopback());
  EXPECT_FALSE(world.plan(guarded(""))->max_rate.has_value());
}

TEST(MaxRate, RefusesAPlanThatAsksForMore) {
  World world;
  EXPECT_THAT(world.problems(guarded("99/s")),
              HasSubstr("plan.toml:3:12: the plan asks for up to 100/s (100/s arrivals), and "
                        "max_rate allows 99/s"));
}

TEST(MaxRate, CountsOperationsNotArrivals) {
  World world;
  const std::string two_steps = R"(
[[scenario]]
name = "look"
arrivals = { process = "even", rate = "10/s" }
  [[scenario.step]]
  repeat = 3
    [[scenario.step.step]]
    name = "page"
    request = "GET /"
)";
  EXPECT_THAT(world.problems(guarded("129/s", "http://staging.example", two_steps)),
              HasSubstr("asks for up to 130/s (110/s arrivals)"));
  EXPECT_EQ(world.problems(guarded("130/s", "http://staging.example", two_steps)), "");
}

TEST(MaxRate, IsAboutTargetsThatAreNotLoopback) {
  World world;
  EXPECT_EQ(world.problems(guarded("1/s", "http://127.0.0.1:8080")), "");
  EXPECT_EQ(world.problems(guarded("1/s", "http://[::1]:8080")), "");
  // --target takes the load elsewhere, and the guard goes with it.
  world.options.targets = {"http://staging.example"};
  world.options.allow = {"staging.example"};
  EXPECT_THAT(world.problems(guarded("1/s", "http://127.0.0.1:8080")),
              HasSubstr("max_rate allows 1/s"));
}

TEST(MaxRate, SetMayRaiseTheRateUpToItAndLowerTheGuardOnly) {
  World world;
  world.options.set = {{"scenario.buy.arrivals.rate", "400/s"}};
  EXPECT_EQ(world.problems(guarded("400/s")), "");
  EXPECT_THAT(world.problems(guarded("300/s")), HasSubstr("asks for up to 400/s"));
  world.options.set = {{"max_rate", "101/s"}};
  EXPECT_THAT(world.problems(guarded("100/s")),
              HasSubstr("--set:1:10: the plan's max_rate is 100/s, and --set may only lower "
                        "it"));
  world.options.set = {{"max_rate", "99/s"}};
  EXPECT_THAT(world.problems(guarded("100/s")), HasSubstr("max_rate allows 99/s"));
  EXPECT_THAT(world.problems(guarded("")), HasSubstr("max_rate allows 99/s"));
}

TEST(MaxRate, IsWrittenOut) {
  World world;
  EXPECT_THAT(world.problems(
                  guarded("{{var.most}}", "http://staging.example", "[vars]\nmost = \"900/s\"\n")),
              HasSubstr("write the rate itself"));
}

}  // namespace
}  // namespace squall::plan::test
