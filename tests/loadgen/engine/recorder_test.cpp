#include "loadgen/engine/recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::engine {
namespace {

using model::AttemptClass;
using model::EndingKey;
using testing::SizeIs;

constexpr EndingKey kFine{0, AttemptClass::kSuccess, 200};
constexpr EndingKey kBroken{0, AttemptClass::kServerError, 503};

class RecorderTest : public testing::Test {
 protected:
  void ended(const EndingKey& key) {
    recorder_.ended(key);
    if (recorder_.wants_example(key)) {
      recorder_.example(key, {.detail = "seen"});
    }
  }

  model::Plan plan_;
  Recorder recorder_{plan_, 0};
};

TEST_F(RecorderTest, EndingsAreCountedByStatus) {
  for (int i = 0; i < 5; ++i) {
    ended(kFine);
    ended(kFine);
    ended(kBroken);
  }
  const auto slice = recorder_.turn_over(1);
  ASSERT_THAT(slice->endings, SizeIs(2));
  EXPECT_EQ(slice->endings.at(kFine).attempts, 10U);
  EXPECT_THAT(slice->endings.at(kFine).examples, SizeIs(0));
  EXPECT_EQ(slice->endings.at(kBroken).attempts, 5U);
  EXPECT_THAT(slice->endings.at(kBroken).examples, SizeIs(model::kMaxEndingExamples));
}

TEST_F(RecorderTest, EndingsOfTheNextSecondStandInItsOwnSlice) {
  ended(kBroken);
  const auto first = recorder_.turn_over(1);
  for (int i = 0; i < 5; ++i) {
    ended(kBroken);
  }
  const auto second = recorder_.turn_over(2);
  EXPECT_EQ(first->endings.at(kBroken).attempts, 1U);
  EXPECT_EQ(second->endings.at(kBroken).attempts, 5U);
  EXPECT_THAT(second->endings.at(kBroken).examples, SizeIs(model::kMaxEndingExamples - 1))
      << "of a run, not of a second";
}

}  // namespace
}  // namespace squall::engine
