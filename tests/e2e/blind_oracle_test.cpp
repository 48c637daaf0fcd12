// Oracles that a plan points at the wrong place: that is told, and nothing is called lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/plans.hpp"
#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// The shop's plan with an oracle that reads the first page of two and no `next`.
std::string first_page_only() {
  return replaced(replaced(shop_plan("atomic"), "/ledger?limit=10000", "/ledger?limit=2"),
                  "next = \"/next\"\nnext_parameter = \"after\"\n", "");
}

// The shop told to call a path that the sink does not count.
std::string sink_elsewhere() {
  std::string text = shop_plan("atomic");
  text = replaced(text, "\"--payments\", ",
                  "\"--webhook\", \"http://{{sink.mail}}/elsewhere\", \"--payments\", ");
  const std::size_t oracle = text.find("[[effects.oracle]]");
  return replaced(text, text.substr(oracle, text.find("[effects]") - oracle),
                  "[[effects.oracle]]\nname = \"mail\"\nkind = \"sink\"\nrequest = \"POST "
                  "/hook\"\nkey = \"json /token\"\n");
}

TEST(BlindOracle, AListThatGoesOnUnreadIsNotALoss) {
  const TestDirectory directory;
  const ProcessResult result =
      squall(directory,
             {"run", directory.write("plan.toml", first_page_only()), "--out", directory / "run"});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("no `next` of the oracle reads that"));
}

TEST(BlindOracle, ASinkThatNobodyCallsRightlyIsNotALoss) {
  const TestDirectory directory;
  const ProcessResult result =
      squall(directory,
             {"run", directory.write("plan.toml", sink_elsewhere()), "--out", directory / "run"});
  EXPECT_EQ(result.exit_code, 3) << result.output << result.errors;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("0 matched POST /hook"), HasSubstr("others went to POST /elsewhere"),
                    HasSubstr("buy.charge")));
}

}  // namespace
}  // namespace squall::test
