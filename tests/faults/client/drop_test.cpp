#include <gtest/gtest.h>

#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

using model::CutHow;
using model::WirePoint;
using namespace std::chrono_literals;

TEST(DropFault, CutsAtThePointThatThePlanNames) {
  const std::pair<const char*, WirePoint> points[] = {
      {"connect", WirePoint::kConnect},
      {"headers", WirePoint::kHeaders},
      {"body", WirePoint::kBody},
      {"before_last_byte", WirePoint::kBeforeLastByte},
      {"after_send", WirePoint::kAfterSend},
      {"during_response", WirePoint::kDuringResponse}};
  for (const auto& [word, point] : points) {
    const Compiled fault = compile("drop", "at = '" + std::string(word) + "'");
    EXPECT_EQ(fault.problems, "");
    const model::WireScript script = fault.script();
    ASSERT_TRUE(script.cut) << word;
    EXPECT_EQ(script.cut->at, point);
    EXPECT_EQ(script.cut->how, CutHow::kRst);
    EXPECT_EQ(script.cut->delay, Duration::zero());
    EXPECT_TRUE(script.cuts(0));
  }
}

TEST(DropFault, ClosesInOrderWhenAsked) {
  EXPECT_EQ(compile("drop", "at = 'after_send'\nhow = 'fin'").script().cut->how, CutHow::kFin);
}

TEST(DropFault, CutsTheBodyAtAShareOfItOrAtAByte) {
  const auto offset = [](const char* keys, std::uint64_t length) {
    return compile("drop", "at = 'body'\n" + std::string(keys)).script().cut->body_offset(length);
  };
  EXPECT_EQ(offset("", 101), 50u);
  EXPECT_EQ(offset("fraction = '10%'", 100), 10u);
  EXPECT_EQ(offset("fraction = '0%'", 100), 0u);
  EXPECT_EQ(offset("fraction = '100%'", 100), 100u);
  EXPECT_EQ(offset("bytes = '16'", 100), 16u);
  EXPECT_EQ(offset("bytes = '16'", 7), 7u);
  EXPECT_EQ(offset("bytes = '16'", 0), 0u);
}

TEST(DropFault, WaitsBeforeTheCut) {
  EXPECT_EQ(compile("drop", "at = 'after_send'\ndelay = '30ms'").script().cut->delay, 30ms);
}

TEST(DropFault, RefusesKeysThatContradictEachOther) {
  EXPECT_NE(compile("drop", "at = 'body'\nbytes = '1'\nfraction = '5%'").problems.find("either"),
            std::string::npos);
  EXPECT_NE(compile("drop", "at = 'headers'\nbytes = '1'").problems.find("test.toml:2:"),
            std::string::npos);
  EXPECT_NE(compile("drop", "at = 'headers'\nfraction = '5%'").problems.find("at = \"body\""),
            std::string::npos);
  EXPECT_NE(compile("drop", "at = 'after_send'\ncopy = 0").problems, "");
  EXPECT_NE(compile("drop", "at = 'after_send'\ncopy = 21").problems, "");
  EXPECT_NE(compile("drop", "").problems.find("at"), std::string::npos);
}

TEST(DropFault, CutsAnAttemptOnlyOnce) {
  const Compiled fault = compile("drop", "at = 'after_send'");
  model::WireScript script;
  ASSERT_TRUE(fault.apply(script));
  const Result<void> second = fault.apply(script);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(second.error().message.find("second"), std::string::npos);
  EXPECT_EQ(script.cut->at, WirePoint::kAfterSend);
}

TEST(DropFault, DoesNotCutACopyThatMustReachItsBarrier) {
  const Compiled twins = compile("duplicate", "");
  for (const char* at : {"connect", "headers", "body", "before_last_byte"}) {
    const Compiled drop = compile("drop", "at = '" + std::string(at) + "'");
    for (const bool drop_first : {true, false}) {
      model::WireScript script;
      ASSERT_TRUE((drop_first ? drop : twins).apply(script));
      const model::WireScript before = script;
      const Result<void> applied = (drop_first ? twins : drop).apply(script);
      ASSERT_FALSE(applied) << at;
      EXPECT_NE(applied.error().message.find("last byte"), std::string::npos);
      EXPECT_EQ(script.copies.count, before.copies.count) << "a failed part must leave no trace";
      EXPECT_EQ(script.cut.has_value(), before.cut.has_value());
    }
  }
}

TEST(DropFault, CutsTwinsAfterTheirBarrier) {
  model::WireScript script;
  ASSERT_TRUE(compile("duplicate", "copies = 3").apply(script));
  ASSERT_TRUE(compile("drop", "at = 'after_send'\ncopy = 2").apply(script));
  EXPECT_FALSE(script.cuts(0));
  EXPECT_TRUE(script.cuts(1));
  EXPECT_FALSE(script.cuts(2));
}

TEST(DropFault, CutsTheLastCopyWhenThereAreNotSoMany) {
  EXPECT_TRUE(compile("drop", "at = 'after_send'\ncopy = 5").script().cuts(0));
}

TEST(DropFault, LeavesTheConnectionThatTheNextCopyNeeds) {
  const Compiled same = compile("duplicate", "spacing = 'after_response'\nconnection = 'same'");
  model::WireScript script = same.script();
  EXPECT_FALSE(compile("drop", "at = 'after_send'").apply(script));
  EXPECT_TRUE(compile("drop", "at = 'after_send'\ncopy = 2").apply(script));
}

}  // namespace
}  // namespace squall::faults
