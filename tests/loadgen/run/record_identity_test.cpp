#include "loadgen/run/record_identity.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/loadgen/engine/plan_fixture.hpp"
#include "tests/support/files.hpp"

namespace squall::test {
namespace {

std::string recorded_file(const std::string& plan_file) {
  model::Plan plan = one_step_plan(8080);
  plan.file = plan_file;
  return run::identity_of(plan, "0", "squall run", "timer").plan_file;
}

TEST(RecordIdentity, APlanIsFoundAgainFromAnotherWorkingDirectory) {
  const TestDirectory directory;
  const std::string file = directory.write("plan.toml", "");
  const std::string relative = std::filesystem::relative(file).string();
  const std::filesystem::path recorded = recorded_file(relative);
  EXPECT_TRUE(recorded.is_absolute()) << recorded;
  EXPECT_TRUE(std::filesystem::equivalent(recorded, file)) << recorded;
  EXPECT_EQ(recorded_file(file), file);
}

TEST(RecordIdentity, WhatIsNoFileKeepsItsName) {
  EXPECT_EQ(recorded_file("squall hit"), "squall hit");
  EXPECT_EQ(recorded_file(""), "");
}

}  // namespace
}  // namespace squall::test
