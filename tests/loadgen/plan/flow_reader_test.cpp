// Groups of steps, as plans write them and as programs do them.
#include "loadgen/plan/flow_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/estimate.hpp"
#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = model::FlowInstruction::Kind;

// A plan with these steps in one scenario "s".
std::string plan_of(std::string_view steps, std::string_view top = "", std::string_view keys = "") {
  return R"(format = 1
name = "flow"
[[target]]
name = "shop"
urls = ["http://127.0.0.1:8080"]
)" + std::string(top) +
         R"(
[load]
duration = "10s"
[[scenario]]
name = "s"
arrivals = { process = "even", rate = "100/s" }
)" + std::string(keys) +
         "\n" + std::string(steps);
}

std::string step(std::string_view name, std::string_view more = "", int depth = 1) {
  std::string header = "scenario";
  for (int i = 0; i < depth; ++i) {
    header += ".step";
  }
  return "[[" + header + "]]\nname = \"" + std::string(name) + "\"\nrequest = \"GET /" +
         std::string(name) + "\"\n" + std::string(more) + "\n";
}

// The program as text: "0 loop 2..3 >4" and so on.
std::vector<std::string> text_of(const model::Plan& plan) {
  std::vector<std::string> lines;
  for (const model::FlowInstruction& one : plan.scenarios[0].program.code) {
    const std::string to = ">" + std::to_string(one.target);
    const auto& conditions = plan.scenarios[0].program.conditions;
    switch (one.kind) {
      case Kind::kStep:
        lines.push_back(plan.steps[one.index].name);
        break;
      case Kind::kUnless:
        lines.push_back("unless " + conditions[one.index].source() + " " + to);
        break;
      case Kind::kLoop:
        lines.push_back("loop " + std::to_string(one.low) + ".." + std::to_string(one.high) + " " +
                        to);
        break;
      case Kind::kWhile:
        lines.push_back("while " + conditions[one.index].source() + " " + to);
        break;
      case Kind::kAgain:
        lines.push_back("again " + to);
        break;
      case Kind::kPause:
        lines.push_back("pause " + plan.scenarios[0].program.pauses[one.index].to_text());
        break;
      case Kind::kParallel: {
        std::string line = "parallel " + std::to_string(one.high) + ":";
        for (std::uint32_t i = 0; i < one.low; ++i) {
          line += " " + std::to_string(plan.scenarios[0].program.children[one.index + i]);
        }
        lines.push_back(line + " " + to);
        break;
      }
      case Kind::kEnd:
        lines.push_back("end");
        break;
    }
  }
  return lines;
}

TEST(FlowReader, StepsFollowOneAnother) {
  World world;
  const auto plan = world.plan(plan_of(step("a") + step("b", "when = \"last.status == 404\"")));
  ASSERT_NE(plan, nullptr);
  EXPECT_THAT(text_of(*plan), ElementsAre("a", "unless last.status == 404 >3", "b", "end"));
  EXPECT_FALSE(plan->steps[0].goes_on);
}

TEST(FlowReader, GroupsRepeat) {
  World world;
  const auto plan = world.plan(
      plan_of(step("a") + "[[scenario.step]]\nrepeat = \"2..3\"\n" + step("b", "", 2) + step("c")));
  ASSERT_NE(plan, nullptr);
  EXPECT_THAT(text_of(*plan), ElementsAre("a", "loop 2..3 >4", "b", "again >2", "c", "end"));
  EXPECT_EQ(plan->steps[1].max_visits, 3U);
  EXPECT_TRUE(plan->steps[1].visit_slot);
  EXPECT_FALSE(plan->steps[0].visit_slot);
  EXPECT_EQ(plan->scenarios[0].repeated_steps, 1);
}

TEST(FlowReader, AGroupThinksBeforeEachPassAndAWhileLooksBeforeIt) {
  World world;
  const auto plan = world.plan(
      plan_of(step("a") + "[[scenario.step]]\nrepeat = 2\nthink = \"3s\"\n" + step("b", "", 2) +
              "[[scenario.step]]\nwhile = \"last.status == 202\"\nat_most = 5\nthink = \"1s\"\n" +
              step("c", "", 2)));
  ASSERT_NE(plan, nullptr);
  EXPECT_THAT(text_of(*plan),
              ElementsAre("a", "loop 2..2 >5", "pause 3s", "b", "again >2", "loop 5..5 >10",
                          "while last.status == 202 >10", "pause 1s", "c", "again >6", "end"));
}

TEST(FlowReader, AWhileMayLookAtWhatItsGroupExtracts) {
  World world;
  const auto plan =
      world.plan(plan_of("[[scenario.step]]\nwhile = \"state != \\\"done\\\"\"\nat_most = 20\n"
                         "when = \"index == 0\"\n" +
                         step("poll", "extract = { state = \"json /state\" }", 2)));
  ASSERT_NE(plan, nullptr);
  EXPECT_THAT(text_of(*plan), ElementsAre("unless index == 0 >5", "loop 20..20 >5",
                                          "while state != \"done\" >5", "poll", "again >2", "end"));
}

TEST(FlowReader, ParallelGroupsNest) {
  World world;
  const auto plan = world.plan(
      plan_of("[[scenario.step]]\nparallel = true\nat_once = 2\n" + step("a", "", 2) +
              "[[scenario.step.step]]\nrepeat = 2\n[[scenario.step.step.step]]\nparallel = true\n" +
              step("b", "", 4) + step("c", "", 4) + step("d", "", 2) + step("z")));
  ASSERT_NE(plan, nullptr);
  EXPECT_THAT(text_of(*plan), ElementsAre("parallel 2: 1 3 11 >13", "a", "end", "loop 2..2 >10",
                                          "parallel 2: 5 7 >9", "b", "end", "c", "end", "again >4",
                                          "end", "d", "end", "z", "end"));
}

TEST(FlowReader, NamesAreKnownAfterTheStepThatExtractsThemAndNotBesideIt) {
  World world;
  const std::string group =
      "[[scenario.step]]\nparallel = true\n" + step("a", "extract = { id = \"json /id\" }", 2);
  EXPECT_NE(world.plan(plan_of(group + step("b", "headers = { X = \"{{id}}\" }"))), nullptr);
  EXPECT_THAT(world.problems(plan_of(group + step("b", "headers = { X = \"{{id}}\" }", 2))),
              HasSubstr("{{id}} is not known here"));
  EXPECT_THAT(world.problems(plan_of(group + step("b", "when = \"id exists\"", 2))),
              HasSubstr("\"id\" is not an extracted value"));
}

TEST(FlowReader, CountsTheOperationsOfAnIteration) {
  World world;
  const auto plan = world.plan(
      plan_of(step("a") + "[[scenario.step]]\nrepeat = 3\n" + step("b", "", 2) + step("c", "", 2)));
  ASSERT_NE(plan, nullptr);
  const Estimate counted = estimate(*plan, {});
  EXPECT_DOUBLE_EQ(counted.arrivals, 1000);
  EXPECT_DOUBLE_EQ(counted.operations, 7000);
}

TEST(FlowReader, CallersTakeTurnsOrAreNamed) {
  World world;
  constexpr std::string_view kCallers = R"([[caller]]
name = "alice"
headers = { Authorization = "Bearer a" }
[[caller]]
name = "bob"
headers = { Authorization = "Bearer b" }
)";
  const auto all = world.plan(plan_of(step("a", "caller = \"bob\""), kCallers));
  ASSERT_NE(all, nullptr);
  EXPECT_THAT(all->scenarios[0].callers, ElementsAre(0, 1));
  EXPECT_EQ(all->steps[0].caller, 1);
  const auto one = world.plan(plan_of(step("a"), kCallers, "callers = [\"bob\"]"));
  ASSERT_NE(one, nullptr);
  EXPECT_THAT(one->scenarios[0].callers, ElementsAre(1));
  const auto none = world.plan(plan_of(step("a")));
  ASSERT_NE(none, nullptr);
  EXPECT_THAT(none->scenarios[0].callers, IsEmpty());
  EXPECT_THAT(world.problems(plan_of(step("a"), kCallers, "callers = [\"bobb\"]")),
              HasSubstr("did you mean \"bob\"?"));
}

struct Wrong {
  std::string steps;
  std::string says;
};

class FlowReaderErrorTest : public testing::TestWithParam<Wrong> {};

TEST_P(FlowReaderErrorTest, SaysWhatIsWrong) {
  World world;
  EXPECT_THAT(world.problems(plan_of(GetParam().steps)), HasSubstr(GetParam().says));
}

std::string nested(std::size_t depth) {
  std::string text;
  std::string header = "scenario.step";
  for (std::size_t i = 0; i < depth; ++i) {
    text += "[[" + header + "]]\n";
    header += ".step";
  }
  return text + "[[" + header + "]]\nname = \"a\"\nrequest = \"GET /\"\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, FlowReaderErrorTest,
    testing::Values(
        Wrong{"[[scenario.step]]\nwhile = \"index < 2\"\n" + step("a", "", 2), "needs `at_most`"},
        Wrong{"[[scenario.step]]\nat_most = 2\n" + step("a", "", 2), "belongs to `while`"},
        Wrong{"[[scenario.step]]\nrepeat = 2\nwhile = \"index < 2\"\nat_most = 3\n" +
                  step("a", "", 2),
              "not both"},
        Wrong{"[[scenario.step]]\nat_once = 2\n" + step("a", "", 2), "`parallel = true`"},
        Wrong{"[[scenario.step]]\nparallel = true\nat_once = 0\n" + step("a", "", 2),
              "must be from 1"},
        Wrong{"[[scenario.step]]\nrepeat = \"3..2\"\n" + step("a", "", 2), "is empty"},
        Wrong{"[[scenario.step]]\nrepeat = \"x\"\n" + step("a", "", 2), "is not a count"},
        Wrong{"[[scenario.step]]\nrepeat = 100001\n" + step("a", "", 2), "must be from 0 to"},
        Wrong{"[[scenario.step]]\nrepeat = 1000\n[[scenario.step.step]]\nrepeat = 1000\n" +
                  step("a", "", 3),
              "may have 1000000 operations"},
        Wrong{"[[scenario.step]]\nparallell = true\n" + step("a", "", 2),
              "did you mean \"parallel\"?"},
        Wrong{"[[scenario.step]]\nrepeat = 2\nstep = []\n", "needs at least one"},
        Wrong{step("a", "when = \"index <\""), "is missing at the end"},
        Wrong{step("a") + "[[scenario.step]]\nrepeat = 2\n" + step("a", "", 2),
              "a second step named \"a\""},
        Wrong{"[[scenario.step]]\nrepeat = 2\n" +
                  step("a", "headers = { X = \"{{seq}}\" }\neffect = \"{{seq}}\"", 2),
              "is the same for each pass"},
        Wrong{step("a", "on_failure = \"go\""), "\"continue\""},
        Wrong{step("a", "caller = \"eve\""), "no caller"}, Wrong{nested(9), "at most 8 deep"}));

TEST(FlowReader, TheDeepestGroupsAreRead) {
  World world;
  EXPECT_NE(world.plan(plan_of(nested(8))), nullptr);
}

}  // namespace
}  // namespace squall::plan::test
