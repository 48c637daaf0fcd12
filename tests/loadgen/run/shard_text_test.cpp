#include "loadgen/run/shard_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::test {
namespace {

using ::testing::HasSubstr;

TEST(ShardText, CountsFromOne) {
  const auto first = run::parse_shard("1/8");
  const auto last = run::parse_shard("8/8");
  ASSERT_TRUE(first && last);
  EXPECT_EQ(*first, (model::Shard{.index = 0, .count = 8}));
  EXPECT_EQ(*last, (model::Shard{.index = 7, .count = 8}));
  EXPECT_EQ(run::to_string(*last), "8/8");
  EXPECT_TRUE(run::parse_shard("1/1")->is_whole());
}

TEST(ShardText, RefusesWhatIsNoShard) {
  for (const char* text :
       {"", "/", "8", "0/8", "9/8", "-1/8", "1/0", "1/8 ", " 1/8", "+1/8", "1/8/2", "one/eight",
        "1/10001", "99999999999999999999/2", "1/99999999999999999999"}) {
    const auto shard = run::parse_shard(text);
    ASSERT_FALSE(shard.has_value()) << text;
    EXPECT_EQ(shard.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_THAT(run::parse_shard("0/8").error().message, HasSubstr("counted from 1"));
  EXPECT_THAT(run::parse_shard("x").error().message, HasSubstr("2/8"));
}

}  // namespace
}  // namespace squall::test
