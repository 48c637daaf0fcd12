#include "loadgen/expr/flow_condition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::expr {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kNames{"state", "next", "page", "pages"};

struct Values {
  std::string state = {};
  std::string next = {};
  std::string page = {};
  std::string pages = {};
};

bool holds(std::string_view source, const Values& values = {}, FlowState state = {}) {
  const auto condition = FlowCondition::parse(source, kNames);
  EXPECT_TRUE(condition) << (condition ? "" : condition.error().message);
  const std::vector<std::string> extracted{values.state, values.next, values.page, values.pages};
  state.extracted = extracted;
  return condition && condition->holds(state);
}

TEST(FlowConditionTest, ComparesTexts) {
  EXPECT_TRUE(holds("state == \"pending\"", {.state = "pending"}));
  EXPECT_FALSE(holds("state == \"pending\"", {.state = "done"}));
  EXPECT_TRUE(holds("state != \"pending\"", {.state = "done"}));
  EXPECT_TRUE(holds("\"done\" == state", {.state = "done"}));
  EXPECT_TRUE(holds("state == true", {.state = "true"}));
}

TEST(FlowConditionTest, ComparesNumbersAsNumbers) {
  EXPECT_TRUE(holds("page < 10", {.page = "9"}));
  EXPECT_FALSE(holds("page < 10", {.page = "11"}));
  EXPECT_TRUE(holds("page == 1", {.page = "1.0"}));
  EXPECT_TRUE(holds("page < pages", {.page = "9", .pages = "10"}));
  EXPECT_TRUE(holds("page == pages", {.page = "1.0", .pages = "1"}));
  EXPECT_FALSE(holds("page == pages", {.page = "a", .pages = "b"}));
}

TEST(FlowConditionTest, WhatIsNoNumberHasNoOrder) {
  EXPECT_FALSE(holds("page < 10", {.page = "nine"}));
  EXPECT_FALSE(holds("page > 10", {.page = "nine"}));
  EXPECT_FALSE(holds("page == 10", {.page = "10 apples"}));
  EXPECT_TRUE(holds("page != 10", {.page = "10 apples"}));
  EXPECT_FALSE(holds("page < pages", {.page = "a", .pages = "b"}));
}

TEST(FlowConditionTest, AMissingValueEqualsNothing) {
  EXPECT_FALSE(holds("state == \"\""));
  EXPECT_TRUE(holds("state != \"pending\""));
  EXPECT_FALSE(holds("page < 10"));
  EXPECT_FALSE(holds("next exists"));
  EXPECT_TRUE(holds("next exists", {.next = "/items?page=2"}));
}

TEST(FlowConditionTest, KnowsTheLastStepAndTheIndex) {
  FlowState state{.last_status = 404, .last_outcome = "rejected", .index = 2};
  EXPECT_TRUE(holds("last.status == 404", {}, state));
  EXPECT_TRUE(holds("last.status >= 400 and last.status < 500", {}, state));
  EXPECT_TRUE(holds("last.outcome == \"rejected\"", {}, state));
  EXPECT_TRUE(holds("index < 3", {}, state));
  EXPECT_FALSE(holds("last.outcome exists"));
  EXPECT_FALSE(holds("last.status exists"));
}

TEST(FlowConditionTest, AndBindsTighterThanOr) {
  EXPECT_TRUE(holds("index == 0 or index == 1 and index == 2"));
  EXPECT_FALSE(holds("(index == 0 or index == 1) and index == 2"));
  EXPECT_TRUE(holds("not index == 1 and not (index == 2 or next exists)"));
  EXPECT_TRUE(holds("not not index == 0"));
  EXPECT_FALSE(holds("not (index == 0 and (index == 1 or index == 0))"));
}

// Against the plain meaning of the operators, over every value of four names.
TEST(FlowConditionTest, EveryCombinationMeansWhatItSays) {
  for (unsigned bits = 0; bits < 16; ++bits) {
    const auto text = [&](unsigned bit) { return std::string((bits >> bit) & 1U ? "x" : ""); };
    const auto has = [&](unsigned bit) { return ((bits >> bit) & 1U) != 0; };
    const Values values{text(0), text(1), text(2), text(3)};
    EXPECT_EQ(holds("state exists and next exists or page exists and not pages exists", values),
              (has(0) && has(1)) || (has(2) && !has(3)));
    EXPECT_EQ(holds("state exists and (next exists or page exists) and pages exists", values),
              has(0) && (has(1) || has(2)) && has(3));
    EXPECT_EQ(
        holds("not (state exists or next exists) or not (page exists and pages exists)", values),
        !(has(0) || has(1)) || !(has(2) && has(3)));
  }
}

struct Wrong {
  std::string_view source;
  unsigned column;
  std::string_view says;
};

class FlowConditionErrorTest : public testing::TestWithParam<Wrong> {};

TEST_P(FlowConditionErrorTest, SaysWhatAndWhere) {
  const auto condition = FlowCondition::parse(GetParam().source, kNames);
  ASSERT_FALSE(condition);
  EXPECT_THAT(condition.error().message, HasSubstr(std::string(GetParam().says)));
  ASSERT_TRUE(condition.error().where);
  EXPECT_EQ(condition.error().where->column, GetParam().column);
}

INSTANTIATE_TEST_SUITE_P(All, FlowConditionErrorTest,
                         testing::Values(Wrong{"", 1, "is missing at the end"},
                                         Wrong{"stat == 1", 1, "did you mean \"state\"?"},
                                         Wrong{"state", 6, "\"exists\" or a comparison"},
                                         Wrong{"state = 1", 7, "write =="},
                                         Wrong{"state == ", 10, "is missing at the end"},
                                         Wrong{"(state exists", 14, "closing parenthesis"},
                                         Wrong{"state exists)", 13,
                                               "more than an expression takes"},
                                         Wrong{"state exists and", 17, "is missing at the end"},
                                         Wrong{"state < \"b\"", 1, "compares numbers only"},
                                         Wrong{"1 == 1", 1, "never changes"},
                                         Wrong{"\"a\" exists", 1, "only a name can exist"},
                                         Wrong{"state == \"open", 10, "closing quote"}));

TEST(FlowConditionTest, ANameThatIsHiddenIsNoOperandThatIsMissing) {
  // What a step beside this one extracts has no name here.
  const std::vector<std::string> hidden{"state", ""};
  EXPECT_FALSE(FlowCondition::parse("last.status ==", hidden));
  EXPECT_FALSE(FlowCondition::parse("", hidden));
  EXPECT_FALSE(FlowCondition::parse("not", hidden));
}

TEST(FlowConditionTest, NestingAndLengthAreBounded) {
  std::string deep(200, '(');
  deep += "index == 0" + std::string(200, ')');
  EXPECT_FALSE(FlowCondition::parse(deep, kNames));
  std::string nots;
  for (int i = 0; i < 200; ++i) {
    nots += "not ";
  }
  EXPECT_FALSE(FlowCondition::parse(nots + "index == 0", kNames));
  std::string longest = "index == 0";
  for (int i = 0; i < 31; ++i) {
    longest += " or index == 1";
  }
  EXPECT_TRUE(holds(longest));
  EXPECT_FALSE(FlowCondition::parse(longest + " or index == 1", kNames));
}

}  // namespace
}  // namespace squall::expr
