#include <gtest/gtest.h>

#include <set>

#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

using namespace std::chrono_literals;

TEST(SlowSendFault, SaysHowTheRequestLeaves) {
  const Compiled fault = compile("slow_send", "bytes = '32'\nevery = '50ms'\nfrom = 'body'");
  EXPECT_EQ(fault.problems, "");
  const auto trickle = fault.script().trickle;
  ASSERT_TRUE(trickle);
  EXPECT_EQ(trickle->bytes, 32u);
  EXPECT_TRUE(trickle->body_only);
  EXPECT_EQ(trickle->pause(0, 0), 50ms);
  EXPECT_EQ(trickle->pause(9, 1), 50ms);
}

TEST(SlowSendFault, StartsWithTheFirstByteInPiecesOf16UnlessToldOtherwise) {
  const Compiled fault = compile("slow_send", "every = '1ms'");
  const auto trickle = fault.script().trickle;
  ASSERT_TRUE(trickle);
  EXPECT_EQ(trickle->bytes, 16u);
  EXPECT_FALSE(trickle->body_only);
}

TEST(SlowSendFault, DrawsEachPauseAnewAndTheSameAgain) {
  const std::string keys = "every = { distribution = 'uniform', from = '10ms', to = '20ms' }";
  const Compiled fault = compile("slow_send", keys);
  const Compiled same = compile("slow_send", keys);
  const auto trickle = fault.script(3).trickle;
  const auto again = same.script(3).trickle;
  const auto other = fault.script(4).trickle;
  ASSERT_TRUE(trickle && again && other);
  EXPECT_EQ(*trickle, *again);
  EXPECT_NE(*trickle, *other);
  std::set<Duration> pauses;
  bool differs = false;
  for (std::uint64_t piece = 0; piece < 100; ++piece) {
    const Duration pause = trickle->pause(piece, 0);
    EXPECT_GE(pause, 10ms);
    EXPECT_LT(pause, 20ms);
    EXPECT_EQ(pause, again->pause(piece, 0));
    differs = differs || pause != other->pause(piece, 0);
    pauses.insert(pause);
  }
  EXPECT_GT(pauses.size(), 90u);
  EXPECT_TRUE(differs) << "another arrival has pauses of its own";
  EXPECT_NE(trickle->pause(0, 0), trickle->pause(0, 1)) << "so has another copy";
}

TEST(SlowSendFault, APauseThatDrawsNothingIsAPauseAllTheSame) {
  const Compiled fault =
      compile("slow_send", "every = { distribution = 'normal', mean = '0s', stddev = '1ms' }");
  const auto trickle = fault.script().trickle;
  ASSERT_TRUE(trickle);
  for (std::uint64_t piece = 0; piece < 100; ++piece) {
    EXPECT_GE(trickle->pause(piece, 0), 1ns);
  }
}

TEST(SlowSendFault, RefusesWhatIsNotSlow) {
  EXPECT_NE(compile("slow_send", "every = '0s'").problems.find("test.toml:1:"), std::string::npos);
  EXPECT_NE(compile("slow_send", "every = '1s'\nbytes = '0'").problems.find("test.toml:2:"),
            std::string::npos);
  EXPECT_NE(compile("slow_send", "").problems.find("every"), std::string::npos);
  EXPECT_NE(compile("slow_send", "every = '1s'\nfrom = 'middle'").problems.find("headers"),
            std::string::npos);
}

TEST(SlowSendFault, ContradictsASecondOneAndACutBeforeTheFirstByte) {
  const Compiled slow = compile("slow_send", "every = '1ms'");
  model::WireScript script = slow.script();
  const Result<void> again = slow.apply(script);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(compile("drop", "at = 'connect'").apply(script));
  for (const char* at : {"headers", "body", "before_last_byte", "after_send", "during_response"}) {
    model::WireScript cut = slow.script();
    EXPECT_TRUE(compile("drop", "at = '" + std::string(at) + "'").apply(cut)) << at;
  }
  model::WireScript twins = slow.script();
  EXPECT_TRUE(compile("duplicate", "").apply(twins));
}

}  // namespace
}  // namespace squall::faults
