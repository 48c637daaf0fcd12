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
  const std::string problems = compile("duplicate", "copies = 2\nspacing = 'late'").problems;
  EXPECT_NE(problems.find("test.toml:2:"), std::string::npos) << problems;
  for (const char* word : {"together", "after_response", "20ms", "late"}) {
    EXPECT_NE(problems.find(word), std::string::npos) << word;
  }
  EXPECT_NE(compile("duplicate", "spacing = '0s'").problems.find("together"), std::string::npos);
  EXPECT_NE(compile("duplicate", "spacing = '-1s'").problems, "");
  EXPECT_NE(compile("duplicate", "connection = 'replica'").problems.find("fresh"),
            std::string::npos);
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
