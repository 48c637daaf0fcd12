// Which faults may stand in one plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/loadgen/plan/plan_fixture.hpp"

namespace squall::plan::test {
namespace {

using testing::HasSubstr;

std::string fault(std::string_view name, std::string_view kind, std::string_view more = "") {
  return "[[fault]]\nname = \"" + std::string(name) + "\"\nkind = \"" + std::string(kind) + "\"\n" +
         std::string(more) + "\n";
}

constexpr const char* kSecondStep = R"([[scenario]]
name = "sell"
arrivals = { process = "even", rate = "1/s" }
  [[scenario.step]]
  name = "refund"
  request = "POST /refunds"
)";

class FaultRules : public testing::Test {
 protected:
  std::string problems(const std::string& faults) {
    World world;
    return world.problems(small_plan(kSecondStep + faults));
  }
  static constexpr const char* kContradiction = "contradict each other";
};

TEST_F(FaultRules, TwoCutsOnOneStepContradict) {
  EXPECT_THAT(problems(fault("a", "cut") + fault("b", "cut")), HasSubstr(kContradiction));
}

TEST_F(FaultRules, SmallSharesMeetSoonerOrLater) {
  EXPECT_THAT(problems(fault("a", "cut", "share = \"5%\"") + fault("b", "cut", "share = \"5%\"")),
              HasSubstr(kContradiction));
}

TEST_F(FaultRules, TheOrderOfThePlanCounts) {
  EXPECT_THAT(problems(fault("a", "copies", "on = [\"buy\"]") +
                       fault("b", "cut_headers", "on = [\"buy\"]")),
              HasSubstr(kContradiction));
  EXPECT_THAT(
      problems(fault("a", "copies", "on = [\"buy\"]") + fault("b", "cut", "on = [\"buy\"]")), "");
}

TEST_F(FaultRules, OtherStepsKeepThemApart) {
  EXPECT_EQ(
      problems(fault("a", "cut", "on = [\"buy\"]") + fault("b", "cut", "on = [\"sell.refund\"]")),
      "");
}

TEST_F(FaultRules, OtherWindowsKeepThemApart) {
  EXPECT_EQ(problems(fault("a", "cut", "window = [\"0s\", \"10s\"]") +
                     fault("b", "cut", "window = [\"10s\", \"20s\"]")),
            "");
  EXPECT_THAT(problems(fault("a", "cut", "window = [\"0s\", \"11s\"]") +
                       fault("b", "cut", "window = [\"10s\", \"20s\"]")),
              HasSubstr(kContradiction));
}

TEST_F(FaultRules, OtherArrivalsKeepThemApart) {
  EXPECT_EQ(problems(fault("a", "cut", "first_n = 10") + fault("b", "cut", "every_nth = 11")), "");
  EXPECT_THAT(problems(fault("a", "cut", "first_n = 11") + fault("b", "cut", "every_nth = 11")),
              HasSubstr(kContradiction));
  EXPECT_THAT(problems(fault("a", "cut", "every_nth = 4\nfirst_n = 12") +
                       fault("b", "cut", "every_nth = 6")),
              HasSubstr(kContradiction));
  EXPECT_EQ(problems(fault("a", "cut", "every_nth = 4\nfirst_n = 11") +
                     fault("b", "cut", "every_nth = 6")),
            "");
  EXPECT_EQ(problems(fault("a", "cut", "every_nth = 9223372036854775807\nfirst_n = 5") +
                     fault("b", "cut", "every_nth = 9223372036854775806")),
            "");
}

TEST_F(FaultRules, AnAttemptHoldsEightFaults) {
  std::string eight;
  for (int i = 0; i < 8; ++i) {
    eight += fault("hold" + std::to_string(i), "hold");
  }
  EXPECT_EQ(problems(eight), "");
  EXPECT_THAT(problems(eight + fault("more", "hold")),
              HasSubstr("9 faults can touch one attempt of buy.charge"));
  EXPECT_EQ(problems(eight + fault("more", "hold", "window = [\"40s\", \"50s\"]")).find("9 faults"),
            std::string::npos);
}

TEST_F(FaultRules, AMovedClockNeedsSomethingToShowIt) {
  EXPECT_EQ(problems(fault("skew", "clock", "on = [\"buy.charge\"]")), "");
  EXPECT_THAT(problems(fault("skew", "clock")), HasSubstr("but sell.refund shows no time"));
}

TEST_F(FaultRules, CopiesThatNobodyCountsAreAWarning) {
  EXPECT_THAT(problems(fault("twins", "copies", "on = [\"sell\"]")),
              HasSubstr("warning: fault \"twins\" repeats sell.refund, which has no `effect`"));
  EXPECT_EQ(problems(fault("twins", "copies", "on = [\"buy\"]")), "");
}

}  // namespace
}  // namespace squall::plan::test
