#include <gtest/gtest.h>

#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

using namespace std::chrono_literals;

TEST(ReorderFault, SaysWhoMayPass) {
  const auto usual = compile("reorder", "").script().reorder;
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->passed_by, 1u);
  EXPECT_EQ(usual->wait, 1s);
  const auto three = compile("reorder", "passed_by = 3\nwait = '250ms'").script().reorder;
  ASSERT_TRUE(three);
  EXPECT_EQ(three->passed_by, 3u);
  EXPECT_EQ(three->wait, 250ms);
}

TEST(ReorderFault, RefusesWhatNobodyCanDo) {
  EXPECT_NE(compile("reorder", "passed_by = 0").problems.find("test.toml:1:"), std::string::npos);
  EXPECT_NE(compile("reorder", "passed_by = 1001").problems, "");
  EXPECT_NE(compile("reorder", "wait = '0s'").problems.find("test.toml:1:"), std::string::npos);
}

TEST(ReorderFault, HappensOnceAndGoesWithTheOthers) {
  const Compiled fault = compile("reorder", "");
  model::WireScript script = fault.script();
  EXPECT_TRUE(compile("drop", "at = 'after_send'").apply(script));
  EXPECT_TRUE(compile("duplicate", "").apply(script));
  const Result<void> again = fault.apply(script);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace squall::faults
