#include "loadgen/base/diagnostics.hpp"

#include <gtest/gtest.h>

#include "loadgen/base/result.hpp"

namespace squall {
namespace {

TEST(Diagnostics, PrintsInOrderOfPosition) {
  Diagnostics diagnostics;
  diagnostics.error({"plan.toml", 9, 1}, "late");
  diagnostics.warning({"plan.toml", 2, 7}, "early, right");
  diagnostics.error({"plan.toml", 2, 3}, "early, left");
  diagnostics.error({"plan.toml", 2, 3}, "found second");
  EXPECT_EQ(diagnostics.to_text(),
            "plan.toml:2:3: early, left\n"
            "plan.toml:2:3: found second\n"
            "plan.toml:2:7: warning: early, right\n"
            "plan.toml:9:1: late\n");
}

TEST(Diagnostics, CountsErrorsAndNotWarnings) {
  Diagnostics diagnostics;
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.warning({}, "w");
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.error({}, "e");
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.error_count(), 1U);
}

TEST(Diagnostics, KeepsARepetitionOnce) {
  Diagnostics diagnostics;
  diagnostics.error({"f", 1, 1}, "same");
  diagnostics.error({"f", 1, 1}, "same");
  diagnostics.error({"f", 1, 2}, "same");
  diagnostics.warning({"f", 1, 1}, "same");
  EXPECT_EQ(diagnostics.error_count(), 2U);
  EXPECT_EQ(diagnostics.sorted().size(), 3U);
}

TEST(Diagnostics, StaysQuickForThousandsOfProblems) {
  Diagnostics diagnostics;
  for (unsigned line = 1; line <= 20'000; ++line) {
    diagnostics.error({"f", line, 1}, "bad");
  }
  EXPECT_EQ(diagnostics.error_count(), 20'000U);
}

TEST(Error, PrintsItsPositionWhenItHasOne) {
  EXPECT_EQ(to_string(Error{ErrorCode::kMalformed, "bad", {}}), "bad");
  EXPECT_EQ(to_string(Error{ErrorCode::kMalformed, "bad", SourceRef{"p.toml", 3, 4}}),
            "p.toml:3:4: bad");
  EXPECT_EQ(to_string(Error{ErrorCode::kMalformed, "bad", SourceRef{"", 0, 4}}), "column 4: bad");
  EXPECT_EQ(to_string(with_context({ErrorCode::kIo, "no space", {}}, "journal")),
            "journal: no space");
}

TEST(Result, CarriesValueOrError) {
  const Result<int> good = 3;
  const Result<int> bad = fail(ErrorCode::kNotFound, "no such thing");
  EXPECT_EQ(*good, 3);
  EXPECT_EQ(bad.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace squall
