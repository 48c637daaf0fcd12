// Every plan of tests/plans_broken: its message with its position, exit 2, nothing started and
// nothing written.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "tests/e2e/squall_process.hpp"

namespace squall::test {
namespace {

std::vector<std::string> broken_plans() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(source_file("tests/plans_broken"))) {
    if (entry.path().extension() == ".toml") {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(BrokenPlans, AreAtLeastThirty) {
  EXPECT_GE(broken_plans().size(), 30U);
}

class BrokenPlan : public testing::TestWithParam<std::string> {};

TEST_P(BrokenPlan, IsRefusedWithItsPosition) {
  const TestDirectory directory;
  const ProcessResult result = squall(directory, {"run", GetParam()});
  EXPECT_EQ(result.exit_code, 2) << result.errors;
  EXPECT_NE(result.errors.find(GetParam() + ":"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("nothing was sent"), std::string::npos) << result.errors;
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

std::string name_of(const testing::TestParamInfo<std::string>& plan) {
  std::string name = std::filesystem::path(plan.param).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, BrokenPlan, testing::ValuesIn(broken_plans()), name_of);

}  // namespace
}  // namespace squall::test
