#include "loadgen/plan/overrides.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using testing::HasSubstr;
using testing::StrEq;

class Overrides : public testing::Test {
 protected:
  // The document after the overrides, as TOML.
  std::string after(const std::vector<std::pair<std::string, std::string>>& overrides,
                    std::string_view text) {
    auto document = expr::parse_toml(text, "plan.toml");
    EXPECT_TRUE(document.has_value());
    apply_overrides(*document, overrides, diagnostics_);
    return expr::to_toml(*document);
  }
  std::string problems() const { return diagnostics_.to_text(); }

 private:
  Diagnostics diagnostics_;
};

constexpr const char* kDocument = R"(seed = 7
[vars]
rate = "200/s"
[[scenario]]
name = "buy"
arrivals = { rate = "1/s" }
[[scenario.step]]
name = "charge"
[[scenario]]
name = "sell"
[[setup]]
request = "GET /"
[checks]
require = ["a", "b"]
)";

TEST_F(Overrides, ReachEveryPlace) {
  const std::string text = after({{"seed", "8"},
                                  {"vars.rate", "500/s"},
                                  {"scenario.buy.arrivals.rate", "5/s"},
                                  {"scenario.buy.step.charge.timeout", "2s"},
                                  {"setup.0.request", "GET /x"},
                                  {"checks.require.1", "c"},
                                  {"load.duration", "3s"}},
                                 kDocument);
  EXPECT_EQ(problems(), "");
  EXPECT_THAT(text, HasSubstr("seed = 8"));
  EXPECT_THAT(text, HasSubstr("rate = \"500/s\""));
  EXPECT_THAT(text, HasSubstr("{ rate = \"5/s\" }"));
  EXPECT_THAT(text, HasSubstr("timeout = \"2s\""));
  EXPECT_THAT(text, HasSubstr("request = \"GET /x\""));
  EXPECT_THAT(text, HasSubstr("[\"a\", \"c\"]"));
  EXPECT_THAT(text, HasSubstr("[load]\nduration = \"3s\""));
}

TEST_F(Overrides, ApplyInOrder) {
  EXPECT_THAT(after({{"seed", "8"}, {"seed", "9"}}, kDocument), HasSubstr("seed = 9"));
}

TEST_F(Overrides, NameTheNearestPath) {
  after({{"vars.rate", "1/s"}, {"scenario.bay.arrivals.rate", "5/s"}}, kDocument);
  EXPECT_THAT(problems(),
              StrEq("--set:2:10: nothing at \"scenario.bay\"; did you mean \"scenario.buy\"?\n"));
}

TEST_F(Overrides, ListWhatThereIs) {
  after({{"scenario.refunds.x", "1"}, {"setup.3.request", "x"}, {"scenario.0.x", "1"}}, kDocument);
  EXPECT_THAT(problems(),
              HasSubstr("--set:1:10: nothing at \"scenario.refunds\"; there is buy or sell"));
  EXPECT_THAT(problems(), HasSubstr("--set:2:7: nothing at \"setup.3\"; the list has 1 entries"));
  EXPECT_THAT(problems(), HasSubstr("--set:3:10: nothing at \"scenario.0\""))
      << "entries with a name go by their name only";
}

TEST_F(Overrides, MisspeltTableOnTheWay) {
  after({{"scenario.buy.arivals.rate", "5/s"}}, kDocument);
  EXPECT_THAT(problems(), HasSubstr("--set:1:14: nothing at \"scenario.buy.arivals\"; did you mean "
                                    "\"scenario.buy.arrivals\"?"));
}

TEST_F(Overrides, NothingBelowAValue) {
  after({{"seed.x", "5"}, {"vars..x", "1"}, {"", "1"}}, kDocument);
  EXPECT_THAT(problems(),
              HasSubstr("--set:1:6: \"seed\" is an integer, so nothing can be set below it"));
  EXPECT_THAT(problems(), HasSubstr("--set:2:6: a part of the path is empty"));
  EXPECT_THAT(problems(), HasSubstr("--set:3:1: a part of the path is empty"));
}

TEST(OverrideValue, IsTomlOrElseAString) {
  const SourceRef where{"--set", 1, 10};
  EXPECT_EQ(std::get<std::int64_t>(parse_override_value("5", where).data), 5);
  EXPECT_EQ(std::get<bool>(parse_override_value("true", where).data), true);
  EXPECT_EQ(*parse_override_value("500/s", where).as_string(), "500/s");
  EXPECT_EQ(*parse_override_value("\"500/s\"", where).as_string(), "500/s");
  EXPECT_EQ(*parse_override_value("", where).as_string(), "");
  EXPECT_EQ(*parse_override_value("2024-05-01", where).as_string(), "2024-05-01");
  EXPECT_EQ(*parse_override_value("5\nx = 6", where).as_string(), "5\nx = 6");
  EXPECT_EQ(parse_override_value("[\"a\", \"b\"]", where).as_array()->size(), 2u);
  EXPECT_NE(parse_override_value("{ rate = \"1/s\" }", where).find("rate"), nullptr);
}

TEST(OverrideValue, PointsIntoTheArgument) {
  const expr::Value value = parse_override_value("[\"1s\", \"xx\"]", {"--set", 3, 19});
  EXPECT_EQ(value.where, (SourceRef{"--set", 3, 19}));
  EXPECT_EQ((*value.as_array())[1].where, (SourceRef{"--set", 3, 26}));
}

TEST(OverridesInAPlan, ProblemsStandAtTheOption) {
  World world;
  world.options.set = {{"load.durration", "5s"}, {"load.drain", "5"}};
  const std::string problems = world.problems(small_plan());
  EXPECT_THAT(problems,
              HasSubstr("--set:1:6: unknown key \"durration\"; did you mean \"duration\"?"));
  EXPECT_THAT(problems, HasSubstr("--set:2:12: \"drain\" takes a duration"));
}

TEST(OverridesInAPlan, AMisspeltVariableIsAnError) {
  World world;
  world.options.set = {{"vars.rat", "5/s"}};
  EXPECT_THAT(world.problems(small_plan("", "[vars]\nrate = \"{{run}}\"\n") +
                             "[[setup]]\nrequest = \"GET /{{var.rate}}\"\n"),
              StrEq("--set:1:6: there is no variable named \"rat\"; did you mean \"rate\"?\n"));
}

TEST(OverridesInAPlan, AVariableMayComeFromTheCommandLineAlone) {
  World world;
  world.options.set = {{"vars.path", "x"}};
  const auto plan = world.plan(small_plan("[[setup]]\nrequest = \"GET /{{var.path}}\"\n"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->setup[0].path.literal(), "/x");
}

}  // namespace
}  // namespace squall::plan::test
