#include "loadgen/model/effect.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace squall::model {
namespace {

// The table of DESIGN §4, row by row.
TEST(EffectVerdict, FollowsTheTable) {
  using enum EffectVerdict;
  struct Row {
    OperationOutcome outcome;
    EffectVerdict none;
    EffectVerdict one;
    EffectVerdict more;
  };
  const Row rows[] = {
      {OperationOutcome::kAcked, kLost, kOk, kDuplicate},
      {OperationOutcome::kRejected, kOk, kPhantom, kDuplicate},
      {OperationOutcome::kUnknown, kOk, kOk, kDuplicate},
      {OperationOutcome::kNotSent, kOk, kPhantom, kDuplicate},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(judge(row.outcome, 0), row.none) << to_string(row.outcome);
    EXPECT_EQ(judge(row.outcome, 1), row.one) << to_string(row.outcome);
    EXPECT_EQ(judge(row.outcome, 2), row.more) << to_string(row.outcome);
    EXPECT_EQ(judge(row.outcome, 3), row.more) << to_string(row.outcome);
    EXPECT_EQ(judge(row.outcome, std::numeric_limits<std::uint64_t>::max()), row.more);
  }
}

TEST(EffectVerdict, HasNames) {
  EXPECT_EQ(to_string(EffectVerdict::kOk), "ok");
  EXPECT_EQ(to_string(EffectVerdict::kLost), "lost");
  EXPECT_EQ(to_string(EffectVerdict::kDuplicate), "duplicate");
  EXPECT_EQ(to_string(EffectVerdict::kPhantom), "phantom");
  EXPECT_EQ(to_string(EffectVerdict::kUndecided), "undecided");
}

}  // namespace
}  // namespace squall::model
