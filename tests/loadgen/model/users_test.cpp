#include <gtest/gtest.h>

#include "loadgen/model/users.hpp"

namespace squall::model {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Users users(std::vector<UserStage> stages) {
  return {.stages = std::move(stages), .think = {}, .text = {}};
}

TEST(Users, AConstantNumberIsActiveAtOnceAlsoInTheWarmup) {
  const Users fifty = users({{.from = 50, .to = 50}});
  EXPECT_EQ(fifty.most(), 50U);
  EXPECT_EQ(fifty.next_active(0, -seconds(2)), -seconds(2));
  EXPECT_EQ(fifty.next_active(49, seconds(7)), seconds(7));
  EXPECT_EQ(fifty.next_active(50, seconds(0)), std::nullopt);
}

// User u begins when the line reaches u + 1, so there are never more users than the line says.
TEST(Users, ARampBringsThemOneByOne) {
  const Users ramp = users({{.over = seconds(30), .from = 0, .to = 100}});
  EXPECT_EQ(ramp.next_active(0, -seconds(1)), milliseconds(300));
  EXPECT_EQ(ramp.next_active(49, {}), seconds(15));
  EXPECT_EQ(ramp.next_active(99, {}), seconds(30));
  EXPECT_EQ(ramp.next_active(49, seconds(20)), seconds(20));
  EXPECT_EQ(ramp.next_active(100, {}), std::nullopt);
  for (std::uint32_t user = 0; user < 100; ++user) {
    const double line = 100.0 * to_seconds(*ramp.next_active(user, {})) / 30;
    EXPECT_NEAR(line, user + 1, 1e-6);
  }
}

TEST(Users, StagesGoUpAndDownAndUpAgain) {
  const Users stages = users({{.over = seconds(10), .from = 10, .to = 10},
                              {.over = seconds(10), .from = 10, .to = 0},
                              {.over = seconds(5), .from = 0, .to = 0},
                              {.over = {}, .from = 0, .to = 20}});
  EXPECT_EQ(stages.most(), 20U);
  EXPECT_EQ(stages.next_active(9, seconds(10)), seconds(10));
  EXPECT_EQ(stages.next_active(9, seconds(10) + Duration(1)), seconds(25));
  EXPECT_EQ(stages.next_active(4, seconds(12)), seconds(12));
  EXPECT_EQ(stages.next_active(4, seconds(16)), seconds(25));
  EXPECT_EQ(stages.next_active(19, {}), seconds(25));
  EXPECT_EQ(stages.next_active(19, seconds(100)), seconds(100));
}

TEST(Users, AFallToNobodyEndsThem) {
  const Users fall = users({{.over = seconds(10), .from = 10, .to = 0}});
  EXPECT_EQ(fall.next_active(0, seconds(9)), seconds(9));
  EXPECT_EQ(fall.next_active(0, milliseconds(9001)), std::nullopt);
}

TEST(Users, AreDescribed) {
  EXPECT_EQ(describe_stages({{.from = 1, .to = 1}}), "1 user");
  EXPECT_EQ(describe_stages({{.from = 50, .to = 50}}), "50 users");
  EXPECT_EQ(describe_stages({{.over = seconds(30), .from = 0, .to = 100}}),
            "0 to 100 users over 30s");
  EXPECT_EQ(describe_stages({{.over = seconds(1), .from = 0, .to = 7}, {.from = 7, .to = 3}}),
            "2 stages of up to 7 users");
}

}  // namespace
}  // namespace squall::model
