#include "loadgen/run/record_merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::run {
namespace {

using model::AttemptClass;
using testing::SizeIs;

TEST(RecordMerge, EndingsAddUpAndTheFirstExamplesStay) {
  model::RunRecord total;
  const model::RecordedEnding two{
      "buy.pay",
      AttemptClass::kServerError,
      503,
      2,
      {{std::chrono::seconds(1), 7, "a"}, {std::chrono::seconds(2), 8, "b"}}};
  merge_ending(total, two);
  merge_ending(total, {"buy.pay", AttemptClass::kServerError, 500, 1, {}});
  merge_ending(total, two);
  ASSERT_THAT(total.endings, SizeIs(2));
  EXPECT_EQ(total.endings[0].attempts, 4U);
  ASSERT_THAT(total.endings[0].examples, SizeIs(model::kMaxEndingExamples));
  EXPECT_EQ(total.endings[0].examples[2].detail, "a");
  EXPECT_EQ(total.endings[1].attempts, 1U);
}

}  // namespace
}  // namespace squall::run
