// squall catalogue: every row that is said to work does, once; the sweeps of ci/seeds do the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// Ids of the rows that `squall catalogue` calls working.
std::vector<std::string> working_rows() {
  const TestDirectory directory;
  const ProcessResult list = squall(directory, {"catalogue"});
  EXPECT_EQ(list.exit_code, 0) << list.errors;
  std::vector<std::string> ids;
  std::istringstream lines(list.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id;
    std::string state;
    if (line.starts_with("   ") && words >> id >> state && state == "works") {
      ids.push_back(id);
    }
  }
  return ids;
}

class CatalogueRow : public ::testing::TestWithParam<std::string> {};

TEST_P(CatalogueRow, IsFoundWithTheDefectAndPassesWithTheRemedy) {
  const TestDirectory directory;
  const ProcessResult run =
      squall(directory, {"catalogue", "run", GetParam(), "--seed", "11", "--quiet", "--no-color"},
             std::chrono::seconds(120));
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
}

INSTANTIATE_TEST_SUITE_P(Working, CatalogueRow, ::testing::ValuesIn(working_rows()),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Catalogue, ListsAndShowsWithoutAnythingInstalled) {
  EXPECT_THAT(working_rows(), Contains("double-charge"));
  const TestDirectory directory;
  const ProcessResult show = squall(directory, {"catalogue", "show", "double-charge"});
  EXPECT_EQ(show.exit_code, 0);
  EXPECT_THAT(show.output,
              AllOf(HasSubstr("# double-charge"), HasSubstr("**Promise**"),
                    HasSubstr("**A false alarm would be**"), HasSubstr("[catalogue]")));
}

TEST(Catalogue, WhatItDoesNotHaveIsAUsageErrorThatHelps) {
  const TestDirectory directory;
  const ProcessResult misspelt = squall(directory, {"catalogue", "run", "double-chrage"});
  EXPECT_EQ(misspelt.exit_code, 2);
  EXPECT_THAT(misspelt.errors, HasSubstr("did you mean double-charge?"));
  const ProcessResult planned = squall(directory, {"catalogue", "show", "metastable"});
  EXPECT_EQ(planned.exit_code, 2);
  EXPECT_THAT(planned.errors, HasSubstr("no plan rehearses it yet"));
  const ProcessResult wrong =
      squall(directory, {"catalogue", "run", "double-charge", "--set", "vars.nothing=1"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("no variable named \"nothing\""));
}

// A remedy that does not remedy is told from one that does.
TEST(Catalogue, BothSidesAreHeldAgainstWhatMustComeOut) {
  const TestDirectory directory;
  const ProcessResult run =
      squall(directory,
             {"catalogue", "run", "double-charge", "--seed", "11", "--quiet", "--no-color", "--set",
              "vars.payments=racy", "--set", "load.duration=2s"},
             std::chrono::seconds(120));
  EXPECT_EQ(run.exit_code, 1) << run.output;
  EXPECT_THAT(run.errors,
              HasSubstr("with the remedy, the run ended with exit code 5 instead of 0"));
  EXPECT_THAT(run.errors, Not(HasSubstr("with the defect")));
}

TEST(Catalogue, WhatWasNotJudgedIsNoPass) {
  const TestDirectory directory;
  const ProcessResult run =
      squall(directory,
             {"catalogue", "run", "serial-calls", "--seed", "11", "--quiet", "--no-color", "--set",
              "load.duration=1s", "--set", R"(fault.far-away.window=["500ms", "1s"])"},
             std::chrono::seconds(120));
  EXPECT_EQ(run.exit_code, 1) << run.output;
  EXPECT_THAT(run.errors,
              HasSubstr("with the remedy, the run ended with exit code 7 instead of 0"));
}

}  // namespace
}  // namespace squall::test
