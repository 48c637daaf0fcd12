#include <gtest/gtest.h>

#include "tests/faults/client/fault_case.hpp"

namespace squall::faults {
namespace {

using model::CopyConnection;
using model::CopySpacing;
using namespace std::chrono_literals;

TEST(DuplicateFault, SendsTwoTogetherUnlessToldOtherwise) {
  const model::WireCopies copies = compile("duplicate", "").script().copies;
  EXPECT_EQ(copies.count, 2u);
  EXPECT_EQ(copies.spacing, CopySpacing::kTogether);
  EXPECT_EQ(copies.connection, CopyConnection::kAny);
}

TEST(DuplicateFault, ReadsEverySpacing) {
  const model::WireCopies spaced =
      compile("duplicate", "copies = 5\nspacing = '20ms'\nconnection = 'fresh'").script().copies;
  EXPECT_EQ(spaced.count, 5u);
  EXPECT_EQ(spaced.spacing, CopySpacing::kDelayed);
  EXPECT_EQ(spaced.delay, 20ms);
  EXPECT_EQ(spaced.connection, CopyConnection::kFresh);
  const model::WireCopies after =
      compile("duplicate", "spacing = 'after_response'\nconnection = 'same'").script().copies;
  EXPECT_EQ(after.spacing, CopySpacing::kAfterResponse);
  EXPECT_EQ(after.connection, CopyConnection::kSame);
}

TEST(DuplicateFault, SaysWhatSpacingsThereAre) {
  const std::string problems = compile("duplicate", "copies = 2\nspacing = 'later'").problems;
  EXPECT_NE(problems.find("test.toml:2:"), std::string::npos) << problems;
  for (const char* word : {"together", "late", "after_response", "20ms", "later"}) {
    EXPECT_NE(problems.find(word), std::string::npos) << word;
  }
  EXPECT_NE(compile("duplicate", "spacing = '0s'").problems.find("together"), std::string::npos);
  EXPECT_NE(compile("duplicate", "spacing = '-1s'").problems, "");
  EXPECT_NE(compile("duplicate", "connection = 'replica'").problems.find("fresh"),
            std::string::npos);
}

TEST(DuplicateFault, ComesLate) {
  const model::WireCopies late =
      compile("duplicate", "spacing = 'late'\ndelay = '2m'\ncopies = 3").script().copies;
  EXPECT_EQ(late.spacing, CopySpacing::kLate);
  EXPECT_EQ(late.delay, 2min);
  EXPECT_EQ(late.count, 3u);
  EXPECT_NE(compile("duplicate", "spacing = 'late'").problems.find("delay"), std::string::npos);
  EXPECT_NE(compile("duplicate", "spacing = 'late'\ndelay = '0s'").problems.find("test.toml:2:"),
            std::string::npos);
  for (const char* spacing : {"together", "20ms", "after_response"}) {
    const std::string keys = "spacing = '" + std::string(spacing) + "'\ndelay = '2m'";
    EXPECT_NE(compile("duplicate", keys).problems.find("test.toml:2:"), std::string::npos);
  }
}

TEST(DuplicateFault, GoesToAnotherReplica) {
  EXPECT_FALSE(compile("duplicate", "").script().copies.other_replica);
  EXPECT_TRUE(compile("duplicate", "to = 'other_replica'").script().copies.other_replica);
  EXPECT_NE(
      compile("duplicate", "to = 'other_replica'\nspacing = 'after_response'\nconnection = 'same'")
          .problems.find("same replica"),
      std::string::npos);
}

TEST(DuplicateFault, ChangesTheBodyOfItsCopies) {
  EXPECT_EQ(compile("duplicate", "").script().copies.change, nullptr);
  const std::pair<const char*, const char*> values[] = {
      {"2999", "2999"}, {"'x\"y'", R"("x\"y")"}, {"true", "true"}, {"[1, 'a']", R"([1,"a"])"}};
  for (const auto& [toml, json] : values) {
    const Compiled fault =
        compile("duplicate", "change = { body = '/amount', to = " + std::string(toml) + " }");
    EXPECT_EQ(fault.problems, "");
    const model::BodyChange* const change = fault.script().copies.change;
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->pointer, "/amount");
    EXPECT_EQ(change->json, json);
  }
}

TEST(DuplicateFault, RefusesChangesOfNothing) {
  for (const char* change :
       {"{ to = 1 }", "{ body = '/a' }", "{ body = 'a', to = 1 }", "{ body = '', to = 1 }",
        "{ body = '/a', to = 1, by = 2 }", "{ body = '/a', to = '{{key}}' }"}) {
    EXPECT_NE(compile("duplicate", "change = " + std::string(change)).problems.find("test.toml:1:"),
              std::string::npos)
        << change;
  }
}

TEST(DuplicateFault, BoundsTheNumberOfCopies) {
  EXPECT_NE(compile("duplicate", "copies = 1").problems, "");
  EXPECT_NE(compile("duplicate", "copies = 21").problems, "");
  EXPECT_EQ(compile("duplicate", "copies = 20").script().copies.count, 20u);
}

TEST(DuplicateFault, TheSameConnectionNeedsTheAnswerFirst) {
  for (const char* spacing : {"together", "20ms"}) {
    const std::string problems =
        compile("duplicate", "connection = 'same'\nspacing = '" + std::string(spacing) + "'")
            .problems;
    EXPECT_NE(problems.find("after_response"), std::string::npos) << problems;
  }
}

TEST(DuplicateFault, AnAttemptIsDuplicatedOnce) {
  const Compiled fault = compile("duplicate", "copies = 3");
  model::WireScript script = fault.script();
  const Result<void> again = compile("duplicate", "spacing = '20ms'").apply(script);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(script.copies.count, 3u);
}

}  // namespace
}  // namespace squall::faults
