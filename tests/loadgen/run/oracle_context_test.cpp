#include "loadgen/run/oracle_context.hpp"

#include <gtest/gtest.h>

namespace squall::test {
namespace {

TEST(OracleContext, ProgramsRunWhereThePlanStands) {
  model::Plan plan;
  plan.targets.emplace_back().replicas.emplace_back();
  EXPECT_EQ(run::oracle_context(plan, "plans/nightly/charge.toml").working_directory,
            "plans/nightly");
  EXPECT_EQ(run::oracle_context(plan, "/a/charge.toml").working_directory, "/a");
  EXPECT_EQ(run::oracle_context(plan, "charge.toml").working_directory, "")
      << "squall's own directory";
}

}  // namespace
}  // namespace squall::test
